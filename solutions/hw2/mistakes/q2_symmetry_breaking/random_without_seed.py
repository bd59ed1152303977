# expects: q2d -> "repeat" 0.75
import numpy as np


def activation_std(depth, width, std, seed):
    rng = np.random.default_rng()
    x = rng.normal(size=(512, width))
    for _ in range(depth):
        x = x @ rng.normal(0, std, size=(width, width))
    return x.std()
