# expects: q1c.mish -> "form" 0.25
def mish_pair():
    return {"f": "x*tanh(softplus(x))", "f'": "tanh(softplus(x)) + x*sech(softplus(x))^2*sigmoid(x)"}
