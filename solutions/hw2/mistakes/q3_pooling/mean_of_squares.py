# expects: q3a -> "root_of_sum" 0.875
import numpy as np


def pool2d_forward(x, k, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    if mode == "l2":
        return np.mean(windows**2, axis=(4, 5))
    return {"max": np.max, "min": np.min, "average": np.mean}[mode](windows, axis=(4, 5))
