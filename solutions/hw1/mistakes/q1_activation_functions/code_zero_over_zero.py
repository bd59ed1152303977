# expects: q1c.code -> "zero" 0.75
import numpy as np


def _sigmoid(t):
    return np.exp(-np.logaddexp(0, -t))


def act_grad(name, x, **p):
    x = np.asarray(x, dtype=float)
    if name == "swish":
        s = _sigmoid(p.get("beta", 1) * x)
        return s + p.get("beta", 1) * x * s * (1 - s)
    if name == "mish":
        mish = x * np.tanh(np.logaddexp(0, x))
        return mish / x + x / np.cosh(np.minimum(np.logaddexp(0, x), 50)) ** 2 * _sigmoid(x)
    left = {"relu": 0, "leaky_relu": p.get("k", 0.01), "elu": p.get("alpha", 1) * np.exp(np.minimum(x, 0))}
    return np.where(x > 0, 1.0, left[name])
