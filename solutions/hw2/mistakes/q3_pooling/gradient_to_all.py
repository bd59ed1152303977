# expects: q3b -> "one_place" 9/14
import numpy as np


def pool2d_backward(dout, x, k, stride, mode):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = (n, c, slice(i * stride, i * stride + k), slice(j * stride, j * stride + k))
        w, g = x[window], dout[n, c, i, j]
        if mode in ("max", "min"):
            sent = np.full((k, k), g)
        elif mode == "average":
            sent = np.full((k, k), g / k**2)
        else:
            sent = g * w / max(np.linalg.norm(w), 1e-30)
        dx[window] += sent
    return dx
