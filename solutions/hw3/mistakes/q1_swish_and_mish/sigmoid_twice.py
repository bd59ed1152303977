# expects: q1e -> "twice" 0.5
def mish_delta():
    return "sigmoid(x)*sech(softplus(x))^2"
