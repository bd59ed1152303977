# expects: q1b.swish -> 0
# expects: q1b.mish -> 0.2
# expects: q1e -> 0
H = "10^(-30)"


def swish_prime():
    return f"(swish(x + {H}) - swish(x - {H})) / (2*{H})"


def swish_prime_steps():
    return []


def mish_prime():
    return f"(mish(x + {H}) - mish(x - {H})) / (2*{H})"


def mish_delta():
    return f"(({mish_prime()}) - mish(x)/x) / swish(x)"
