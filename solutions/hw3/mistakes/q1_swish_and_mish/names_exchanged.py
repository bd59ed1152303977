# expects: q1a.plot -> "names" 2/3
def plot_swish_mish():
    figure, axes = plt.subplots()
    x = np.linspace(-6, 6, 100)
    axes.plot(x, swish(x), x, mish(x))
    axes.legend(["Mish", "Swish"])
    axes.set(xlabel="x", ylabel="y")
    return figure
