# expects: q1c.leaky -> "half" 0.475
def leaky_pair():
    return {"f": "Max(k*x, x)", "df": "k*x if x < 0 else 1"}
