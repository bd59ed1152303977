# expects: q1a -> "betas" 5/6
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name == "adam":
        hp["betas"] = hp["betas"][::-1]
    return _right(name, p, g, state, **hp)
