# expects: q2.code -> "pair" 0
import numpy as np


def conv_gap_backward(X, F):
    return np.full_like(X, F.mean())
