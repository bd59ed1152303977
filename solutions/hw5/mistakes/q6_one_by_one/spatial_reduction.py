# expects: q6a -> "spatial" 0
def one_by_one_facts():
    return {"reduces": "spatial size", "keeps": "channels", "output_is": "linear combination of channels"}
