# expects: q1a -> "in_place" 0.8
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    moved, state = _right(name, p, g, state, **hp)
    p[:] = moved
    return p, state
