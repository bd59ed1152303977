# expects: q1c.mish -> "softplus" 0.475
def mish_pair():
    return {"f": "x*tanh(ln(1+e^x))", "df": "tanh(ln(1+e^x)) + x*sech(ln(1+e^x))^2/(1+e^x)"}
