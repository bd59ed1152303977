# expects: q1c.swish -> "sign" 0.55
def swish_pair():
    return {"f": "x*sigmoid(x)", "df": "sigmoid(x) + x*sigmoid(x) + x*sigmoid(x)^2"}
