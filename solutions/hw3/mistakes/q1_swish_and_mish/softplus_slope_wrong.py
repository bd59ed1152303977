# expects: q1b.mish -> "softplus" 0.3
def mish_prime():
    return "tanh(softplus(x)) + x*sech(softplus(x))^2*exp(x)"
