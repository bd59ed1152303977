# expects: q3b -> "ties" 6/7
import numpy as np


def pool2d_backward(dout, x, k, stride, mode):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = (n, c, slice(i * stride, i * stride + k), slice(j * stride, j * stride + k))
        w, g = x[window], dout[n, c, i, j]
        if mode in ("max", "min"):
            sent = np.zeros(k * k)
            sent[k * k - 1 - (w.ravel()[::-1].argmax() if mode == "max" else w.ravel()[::-1].argmin())] = g
            sent = sent.reshape(k, k)
        elif mode == "average":
            sent = np.full((k, k), g / k**2)
        else:
            sent = g * w / max(np.linalg.norm(w), 1e-30)
        dx[window] += sent
    return dx
