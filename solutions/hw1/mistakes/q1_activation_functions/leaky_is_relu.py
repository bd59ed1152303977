# expects: q1c.leaky -> "plain" 0.3
def leaky_pair():
    return {"f": "Max(0, x)", "df": "Heaviside(x)"}
