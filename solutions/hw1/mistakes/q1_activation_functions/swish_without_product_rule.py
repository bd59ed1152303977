# expects: q1c.swish -> "product" 0.4375
def swish_pair():
    return {"f": "x*sigmoid(x)", "df": "exp(-x)/(1 + exp(-x))^2"}
