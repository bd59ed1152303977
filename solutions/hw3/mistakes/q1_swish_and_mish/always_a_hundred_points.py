# expects: q1b.plot -> "grid" 0.25
def plot_derivs(n=101):
    x = np.linspace(-6, 6, 100)
    return _drawn(x, swish=_swish_prime(x), mish=mish_prime_num(x))
