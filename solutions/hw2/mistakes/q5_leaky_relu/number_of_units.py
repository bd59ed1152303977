# expects: q5c -> "number" 0
import numpy as np


def dead_fraction(X, W, b):
    return np.sum((X @ W + b <= 0).all(axis=0))
