# expects: q1d -> "coarse" 11/12
import numpy as np

_drawn = plot_derivatives  # the solution's, which stands before this file


def plot_derivatives():
    figure = _drawn()
    for line in figure.axes[0].lines:
        x, y = line.get_data()
        line.set_data(x[np.abs(x) <= 5], y[np.abs(x) <= 5])
    return figure
