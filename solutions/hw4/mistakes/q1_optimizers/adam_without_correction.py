# expects: q1a -> "uncorrected" 11/12
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name != "adam":
        return _right(name, p, g, state, **hp)
    b1, b2 = hp["betas"]
    m, v = (b * state.get(key, 0) + (1 - b) * new for b, key, new in ((b1, "m", g), (b2, "v", g * g)))
    return p - hp["lr"] * m / (np.sqrt(v) + hp["eps"]), {"m": m, "v": v}
