# expects: q2d -> "fresh" 0.625
import numpy as np


def activation_std(depth, width, std, seed):
    rng = np.random.default_rng(seed)
    for _ in range(depth):
        x = rng.normal(size=(512, width)) @ rng.normal(0, std, size=(width, width))
    return float(x.std())
