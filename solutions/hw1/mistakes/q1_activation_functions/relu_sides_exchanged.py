# expects: q1c.relu -> "sides" 0.55
def relu_pair():
    return {"f": "Max(0, x)", "df": "1 if x < 0 else 0"}
