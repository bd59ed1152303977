# expects: q1a -> "pair" 0
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    moved, new = _right(name, p, g, state, **hp)
    state.update(new)
    return moved
