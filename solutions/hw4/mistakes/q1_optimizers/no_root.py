# expects: q1a -> "no_root" 5/6
# expects: q1b -> "no_root" 0
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name != "adagrad":
        return _right(name, p, g, state, **hp)
    s = state.get("s", 0) + g * g
    return p - hp["lr"] * g / (s + hp["eps"]), {"s": s}


def adagrad_lr(history, lr, eps):
    return lr / ((history**2).sum(axis=0) + eps)
