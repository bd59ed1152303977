# expects: q6a -> "no_neighbours" 1/3
def one_by_one_facts():
    return {"reduces": "channels", "keeps": "spatial size", "output_is": "mean over neighbours"}
