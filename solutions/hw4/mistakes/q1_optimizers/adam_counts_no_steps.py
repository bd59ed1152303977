# expects: q1a -> "fixed_count" 11/12
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name != "adam":
        return _right(name, p, g, state, **hp)
    (b1, b2), t = hp["betas"], state.get("t", 0) + 1
    m, v = (b * state.get(key, 0) + (1 - b) * new for b, key, new in ((b1, "m", g), (b2, "v", g * g)))
    step = m / (1 - b1) / (np.sqrt(v / (1 - b2)) + hp["eps"])
    return p - hp["lr"] * step, {"m": m, "v": v, "t": t}
