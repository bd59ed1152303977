# expects: q1d -> "legend" 5/6
import numpy as np
from matplotlib.figure import Figure


def plot_derivatives():
    figure = Figure()
    axes = figure.subplots()
    x = np.linspace(-6, 6, 400)
    for name in ("relu", "leaky_relu", "elu", "swish", "mish"):
        axes.plot(x, act_grad(name, x, k=0.1))  # the solution's
    axes.axhline(0, color="black")
    axes.set(xlabel="x", ylabel="slope")
    return figure
