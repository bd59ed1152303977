# expects: q1a -> "stale" 23/30
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name not in ("adagrad", "rmsprop"):
        return _right(name, p, g, state, **hp)
    _, new = _right(name, p, g, state, **hp)
    return p - hp["lr"] * g / (np.sqrt(state.get("s", 0 * g)) + hp["eps"]), new
