# expects: q2a -> "rounded too early" 139/160
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_exact = forward1


def forward1():
    return {name: float(np.float32(value)) for name, value in _exact().items()}
