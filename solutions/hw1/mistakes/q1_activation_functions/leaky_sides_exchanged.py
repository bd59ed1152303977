# expects: q1c.leaky -> "sides" 0.4
def leaky_pair():
    return {"f": "Piecewise((k*x, x > 0), (x, True))", "df": "Piecewise((k, x > 0), (1, True))"}
