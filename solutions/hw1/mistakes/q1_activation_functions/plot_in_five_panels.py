# expects: q1d -> "one_axes" 11/12
import numpy as np
from matplotlib.figure import Figure


def plot_derivatives():
    figure = Figure()
    x = np.linspace(-6, 6, 400)
    for name, axes in zip(("relu", "leaky_relu", "elu", "swish", "mish"), figure.subplots(5), strict=True):
        axes.plot(x, act_grad(name, x, k=0.1), label=name)  # the solution's
        axes.set(xlabel="x", ylabel="slope")
        axes.legend()
    return figure
