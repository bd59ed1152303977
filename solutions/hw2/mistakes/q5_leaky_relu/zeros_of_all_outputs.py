# expects: q5c -> "zeros" 0.4
import numpy as np


def dead_fraction(X, W, b):
    return np.mean(np.maximum(0, X @ W + b) == 0)
