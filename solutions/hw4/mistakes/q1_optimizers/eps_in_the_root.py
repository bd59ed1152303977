# expects: q1a -> "inside" 0.9
# expects: q1b -> "inside" 0.8
# Three of the six methods have an eps.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np

_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name == "adagrad":
        s = state.get("s", 0) + g * g
        return p - hp["lr"] * g / np.sqrt(s + hp["eps"]), {"s": s}
    if name == "rmsprop":
        s = hp["alpha"] * state.get("s", 0) + (1 - hp["alpha"]) * g * g
        return p - hp["lr"] * g / np.sqrt(s + hp["eps"]), {"s": s}
    if name == "adam":
        (b1, b2), t = hp["betas"], state.get("t", 0) + 1
        m, v = (b * state.get(key, 0) + (1 - b) * new for b, key, new in ((b1, "m", g), (b2, "v", g * g)))
        step = m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + hp["eps"])
        return p - hp["lr"] * step, {"m": m, "v": v, "t": t}
    return _right(name, p, g, state, **hp)


def adagrad_lr(history, lr, eps):
    return lr / np.sqrt(np.sum(history**2, axis=0) + eps)
