# expects: q1a -> "swapped" 0.9
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name == "rmsprop":
        hp["alpha"] = 1 - hp["alpha"]
    return _right(name, p, g, state, **hp)
