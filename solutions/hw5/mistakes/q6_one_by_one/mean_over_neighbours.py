# expects: q6a -> "no_neighbours" 0.3333
def one_by_one_facts():
    return {"reduces": "channels", "keeps": "spatial size", "output_is": "mean over neighbours"}
