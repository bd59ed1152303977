# expects: q1b.swish -> 1
def swish_prime():
    return "(e^x (1 + x) + e^(2x)) / (1 + e^x)^2"


def swish_prime_steps():
    return []
