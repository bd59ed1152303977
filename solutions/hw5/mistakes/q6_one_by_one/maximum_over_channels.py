# expects: q6a -> "nothing_compared" 1/3
# Two right words and a wrong one: the wrong one takes one of the two back.
def one_by_one_facts():
    return {"reduces": "channels", "keeps": "spatial size", "output_is": "maximum over channels"}
