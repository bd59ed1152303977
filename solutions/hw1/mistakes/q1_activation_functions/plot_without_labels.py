# expects: q1d -> "axes" 11/12
_drawn = plot_derivatives  # the solution's, which stands before this file


def plot_derivatives():
    figure = _drawn()
    figure.axes[0].set(xlabel="", ylabel="")
    return figure
