# expects: q3a -> "mixed" 0.3
import numpy as np


def pool2d_forward(x, k, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    if mode == "l2":
        return np.sqrt(np.sum(windows**2, axis=(1, 4, 5)))[:, None]
    return {"max": np.max, "min": np.min, "average": np.mean}[mode](windows, axis=(1, 4, 5))[:, None]
