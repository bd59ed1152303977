# expects: q3a -> "over_the_edge" 0.7
import numpy as np


def pool2d_forward(x, k, stride, mode):
    N, C, H, W = x.shape
    tops, lefts = range(0, H, stride), range(0, W, stride)
    y = np.zeros((N, C, len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            w = x[:, :, top : top + k, left : left + k]
            if mode == "l2":
                y[:, :, i, j] = np.sqrt((w**2).sum(axis=(2, 3)))
            else:
                y[:, :, i, j] = {"max": np.max, "min": np.min, "average": np.mean}[mode](w, axis=(2, 3))
    return y
