# expects: q5c -> "zero" 0.75
import numpy as np


def dead_fraction(X, W, b):
    return np.mean((X @ W + b < 0).all(axis=0))
