# expects: q1d -> "other_k" 14/15
import numpy as np
from matplotlib.figure import Figure


def plot_derivatives():
    figure = Figure()
    axes = figure.subplots()
    x = np.linspace(-6, 6, 400)
    for name, label in {"relu": "ReLU", "leaky_relu": "leaky", "elu": "ELU", "swish": "SiLU", "mish": "Mish"}.items():
        axes.plot(x, act_grad(name, x), label=label)  # the solution's
    axes.set(xlabel="x", ylabel="slope")
    axes.legend()
    return figure
