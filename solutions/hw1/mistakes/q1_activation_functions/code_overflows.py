# expects: q1c.code -> "overflow" 0.75
import numpy as np


def act_grad(name, x, **p):
    x = np.asarray(x, dtype=float)
    if name == "swish":
        e = np.exp(p.get("beta", 1) * x)
        return e / (1 + e) + p.get("beta", 1) * x * e / (1 + e) ** 2
    if name == "mish":
        e = np.exp(x)
        t = np.tanh(np.log1p(e))
        return t + x * (1 - t**2) * e / (1 + e)
    left = {"relu": 0, "leaky_relu": p.get("k", 0.01), "elu": p.get("alpha", 1) * np.exp(x)}
    return np.where(x > 0, 1.0, left[name])
