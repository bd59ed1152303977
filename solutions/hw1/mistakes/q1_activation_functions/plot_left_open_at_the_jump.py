# expects: q1d -> 1
import numpy as np
from matplotlib.figure import Figure


def plot_derivatives():
    figure = Figure()
    axes = figure.subplots()
    left = np.linspace(-6, -0.1, 150)
    for name in ("relu", "leaky_relu", "elu"):
        (line,) = axes.plot(left, act_grad(name, left, k=0.1), label=name)  # the solution's
        axes.plot(-left, act_grad(name, -left, k=0.1), color=line.get_color())
    grid = np.linspace(-6, 6, 201)
    beside = grid[abs(grid) > 1e-9]
    for name in ("swish", "mish"):
        axes.plot(beside, act_grad(name, beside), label=name)
    axes.set(xlabel="x", ylabel="slope")
    axes.legend()
    return figure
