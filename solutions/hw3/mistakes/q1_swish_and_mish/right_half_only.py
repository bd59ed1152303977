# expects: q1a.plot -> "range" 1/3
def plot_swish_mish():
    x = np.linspace(0, 6, 100)
    return _drawn(x, swish=swish(x), mish=mish(x))
