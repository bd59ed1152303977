# expects: q5c -> "not right" 0
import numpy as np


def dead_fraction(X, W, b):
    return np.sum((X @ W + b <= 0).all(axis=0))
