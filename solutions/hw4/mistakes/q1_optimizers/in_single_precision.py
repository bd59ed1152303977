# expects: q1a -> "rounded too early" 0.75
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_right = opt_step


def opt_step(name, p, g, state, **hp):
    p, state = _right(name, p.astype(np.float32), g.astype(np.float32), state, **hp)
    return p.astype(np.float32), state
