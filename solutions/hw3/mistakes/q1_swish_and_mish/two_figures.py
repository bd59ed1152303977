# expects: q1a.plot -> 1
def plot_swish_mish():
    figures = []
    for name, function in (("Swish (SiLU)", swish), ("Mish", mish)):
        figure = plt.figure()
        x = np.arange(-6, 6.05, 0.1)
        plt.plot(x, function(x))
        plt.axhline(0, color="grey")
        plt.title(name)
        plt.xlabel("x")
        plt.ylabel("y")
        figures.append(figure)
    return figures
