# expects: q1e -> "unsquared" 0.4
def mish_delta():
    return "sech(log(1 + exp(x)))"
