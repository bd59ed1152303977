# expects: q1c.mish -> "square" 0.55
def mish_pair():
    return {"f": "x*tanh(softplus(x))", "df": "tanh(softplus(x)) + x*(1 - tanh(softplus(x)))^2*sigmoid(x)"}
