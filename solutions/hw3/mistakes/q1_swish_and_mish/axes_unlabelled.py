# expects: q1a.plot -> "axes" 2/3
def plot_swish_mish():
    figure, axes = plt.subplots()
    x = np.linspace(-6, 6, 100)
    axes.plot(x, swish(x), x, mish(x))
    axes.legend(["Swish", "Mish"])
    return figure
