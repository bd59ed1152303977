"""The backward pass of a convolution followed by a mean."""

import numpy as np


def conv_mean_backward(X, F):
    """q2: gradients (dX, dF) of the mean of the valid cross-correlation of X (H, W) with F (a, b)."""
    raise NotImplementedError("q2: not written yet")
