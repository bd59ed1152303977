# expects: q1a.plot -> "in_sight" 1/3
def plot_swish_mish():
    x = np.linspace(-6, 6, 100)
    figure = _drawn(x, swish=swish(x), mish=mish(x))
    figure.axes[0].set_ylim(0, 6)
    return figure
