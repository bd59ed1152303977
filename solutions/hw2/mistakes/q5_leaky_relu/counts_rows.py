# expects: q5c -> "rows" 0
import numpy as np


def dead_fraction(X, W, b):
    return np.mean((X @ W + b <= 0).all(axis=1))
