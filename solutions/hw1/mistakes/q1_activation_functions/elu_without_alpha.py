# expects: q1c.elu -> "alpha" 0.5
def elu_pair():
    return {"f": "x if x > 0 else e^x - 1", "df": "1 if x > 0 else e^x"}
