# expects: q1c.mish -> "softplus" 0.475
def mish_pair():
    return {"f": "x*tanh(softplus(x))", "df": "tanh(softplus(x)) + x*e^x*sech(softplus(x))^2"}
