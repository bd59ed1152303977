# expects: q1c.code -> "mish" 0.85
# At 0 the slip does not show: four fifths of the other three.
import numpy as np


def _sigmoid(t):
    return np.exp(-np.logaddexp(0, -t))


_others = act_grad  # the solution's, which stands before this file


def act_grad(name, x, **p):
    if name != "mish":
        return _others(name, x, **p)
    t = np.tanh(np.logaddexp(0, x))
    return t + x / np.cosh(t) ** 2 * _sigmoid(x)
