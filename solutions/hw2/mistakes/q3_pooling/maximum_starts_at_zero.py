# expects: q3a -> "entries differ" 0.75
import numpy as np


def pool2d_forward(x, k, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    if mode == "max":
        return np.maximum(0, windows.max(axis=(4, 5)))
    if mode == "min":
        return windows.min(axis=(4, 5))
    return windows.mean(axis=(4, 5)) if mode == "average" else np.sqrt((windows**2).sum(axis=(4, 5)))
