# expects: q1b -> "rounded" 0.625
# The places are off by less than half a step of the grid, the minima by the square of that; the slopes are right.
import numpy as np


def swish_mish_facts():
    x = np.round(np.arange(-3, 0, 0.1), 1)
    swish, mish = x / (1 + np.exp(-GIVEN["beta"] * x)), x * np.tanh(np.log(1 + np.exp(x)))
    return {
        "swish_argmin": x[np.argmin(swish)],
        "swish_min": np.min(swish),
        "mish_argmin": x[np.argmin(mish)],
        "mish_min": np.min(mish),
        "swish_slope0": 0.5,
        "mish_slope0": 0.6,
    }
