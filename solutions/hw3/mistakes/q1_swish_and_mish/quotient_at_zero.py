# expects: q1b.mish -> "quotient" 0.8
# expects: q1b.plot -> "hole" 7/12
# expects: q1c.auto -> 0.5
def mish_prime():
    return "sech(softplus(x))^2 * swish(x) + mish(x)/x"


def mish_prime_num(x):
    return swish(x) / np.cosh(np.log(1 + np.exp(x))) ** 2 + mish(x) / x
