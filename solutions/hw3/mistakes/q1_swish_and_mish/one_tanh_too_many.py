# expects: q1b.mish -> "extra_tanh" 0.4
def mish_prime():
    return "tanh(softplus(x)) + x*sech(tanh(softplus(x)))^2*exp(x)/(1 + exp(x))"
