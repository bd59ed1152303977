# expects: q1c.relu -> "underived" 0.25
# expects: q1c.swish -> "underived" 0.25
def relu_pair():
    return {"f": "Max(0, x)", "df": "relu(x)"}


def swish_pair():
    return {"f": "x/(1 + exp(-x))", "df": "f"}
