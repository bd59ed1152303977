"""The backward pass of a convolution followed by a mean."""

import numpy as np


def conv_mean_backward(X, F):
    """q2: gradients (dX, dF) of the mean of the valid cross-correlation of X (H, W) with F (a, b)."""
    # BEGIN SOLUTION
    (H, W), (a, b) = X.shape, F.shape
    h, w = H - a + 1, W - b + 1
    dX, dF = np.zeros_like(X), np.zeros_like(F)
    for i in range(a):
        for j in range(b):
            dF[i, j] = X[i : i + h, j : j + w].sum() / (h * w)
            dX[i : i + h, j : j + w] += F[i, j] / (h * w)
    return dX, dF
    # END SOLUTION
