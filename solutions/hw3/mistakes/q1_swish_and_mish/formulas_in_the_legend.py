# expects: q1a.plot -> 1
def plot_swish_mish():
    figure, panels = plt.subplots(1, 2)
    x = np.linspace(-6, 6, 100)
    for axes, function, formula in zip(panels, (swish, mish), (r"$x\sigma(x)$", r"$x\tanh(\zeta(x))$"), strict=True):
        axes.plot(x, function(x), label=formula)
        axes.set(xlabel="x", ylabel="y", title=function.__name__)
        axes.legend()
    figure.suptitle("Swish and Mish")
    return figure
