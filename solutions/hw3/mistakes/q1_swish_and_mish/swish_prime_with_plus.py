# expects: q1b.swish -> "plus" 0.4
def swish_prime():
    return "swish(x) + sigmoid(x)*(1 + swish(x))"
