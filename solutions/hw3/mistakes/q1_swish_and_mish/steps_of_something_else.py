# expects: q1b.swish -> 0.9
def swish_prime_steps():
    return ["x", "2*x - x"]
