# expects: q1d -> "legend" 5/6
_drawn = plot_derivatives  # the solution's, which stands before this file


def plot_derivatives():
    figure = _drawn()
    figure.axes[0].get_legend().remove()
    return figure
