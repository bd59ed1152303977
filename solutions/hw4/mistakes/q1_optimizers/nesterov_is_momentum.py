# expects: q1a -> "no_look" 53/60
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    return _right("momentum" if name == "nesterov" else name, p, g, state, **hp)
