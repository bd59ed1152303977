# expects: q1d -> "functions" 8/15
import numpy as np
from matplotlib.figure import Figure


def plot_derivatives():
    figure = Figure()
    axes = figure.subplots()
    x = np.linspace(-6, 6, 400)
    axes.plot(x, np.maximum(x, 0), label="ReLU")
    axes.plot(x, np.maximum(x, 0.1 * x), label="Leaky ReLU")
    axes.plot(x, np.where(x > 0, x, np.exp(x) - 1), label="ELU")
    axes.plot(x, x / (1 + np.exp(-x)), label="Swish")
    axes.plot(x, x * np.tanh(np.log(1 + np.exp(x))), label="Mish")
    axes.set(xlabel="x", ylabel="f(x)")
    axes.legend()
    return figure
