# expects: q1b.mish -> "chain" 0.4
def mish_prime():
    return "tanh(softplus(x)) + x*sech(softplus(x))^2"
