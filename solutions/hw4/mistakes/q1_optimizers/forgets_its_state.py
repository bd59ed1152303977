# expects: q1a -> "forgetful" 5/12
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    return _right(name, p, g, {}, **hp)
