# expects: q1c.mish -> "product" 0.4375
def mish_pair():
    return {"f": "x*tanh(softplus(x))", "df": "sech(softplus(x))^2*sigmoid(x)"}
