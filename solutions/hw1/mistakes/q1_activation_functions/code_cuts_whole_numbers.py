# expects: q1c.code -> "whole" 11/12
import numpy as np


def _sigmoid(t):
    return np.exp(-np.logaddexp(0, -t))


def act_grad(name, x, **p):
    slopes = np.zeros_like(x)
    s, t = _sigmoid(p.get("beta", 1) * x), np.tanh(np.logaddexp(0, x))
    slopes[...] = {
        "relu": x > 0,
        "leaky_relu": np.where(x > 0, 1, p.get("k", 0.01)),
        "elu": np.where(x > 0, 1, p.get("alpha", 1) * np.exp(np.minimum(x, 0))),
        "swish": s + p.get("beta", 1) * x * s * (1 - s),
        "mish": t + x * (1 - t**2) * _sigmoid(x),
    }[name]
    return slopes
