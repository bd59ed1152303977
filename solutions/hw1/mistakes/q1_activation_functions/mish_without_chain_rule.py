# expects: q1c.mish -> "chain" 0.55
def mish_pair():
    return {"f": "x*tanh(ln(1 + e^x))", "df": "mish(x)/x + x*(1 - tanh(softplus(x))^2)"}
