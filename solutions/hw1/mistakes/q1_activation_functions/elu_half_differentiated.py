# expects: q1c.elu -> "half" 0.475
def elu_pair():
    return {"f": "x if x > 0 else alpha (e^x - 1)", "df": "1 if x > 0 else alpha (e^x - 1)"}
