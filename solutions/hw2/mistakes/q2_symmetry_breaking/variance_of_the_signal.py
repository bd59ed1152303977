# expects: q2d -> "spread_out" 0.775
import numpy as np


def activation_std(depth, width, std, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(512, width))
    for _ in range(depth):
        x = x @ rng.normal(0, std, size=(width, width))
    return x.var()
