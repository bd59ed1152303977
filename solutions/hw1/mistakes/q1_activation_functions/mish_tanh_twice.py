# expects: q1c.mish -> "tanh_twice" 0.55
def mish_pair():
    return {"f": "x*tanh(softplus(x))", "df": "tanh(softplus(x)) + x*sech(tanh(softplus(x)))^2*sigmoid(x)"}
