# expects: q1a -> "forgets_nothing" 5/6
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name == "rmsprop":
        name, hp = "adagrad", {"lr": hp["lr"], "eps": hp["eps"]}
    return _right(name, p, g, state, **hp)
