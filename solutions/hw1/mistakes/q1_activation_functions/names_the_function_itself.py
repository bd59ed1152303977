# expects: q1c.swish -> "swish may not be used" 0.75
# expects: q1c.mish -> "mish may not be used" 0.75
def swish_pair():
    return {"f": "swish(x)", "df": "swish(x) + sigmoid(x)*(1 - swish(x))"}


def mish_pair():
    return {"f": "mish(x)", "df": "mish(x)/x + x*sech(softplus(x))^2*sigmoid(x)"}
