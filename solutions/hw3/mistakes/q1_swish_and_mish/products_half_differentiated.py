# expects: q1b.swish -> "product" 0.25
# expects: q1b.mish -> "product" 0.25
def swish_prime():
    return "x*sigmoid(x)*(1 - sigmoid(x))"


def mish_prime():
    return "x*sech(softplus(x))^2*sigmoid(x)"
