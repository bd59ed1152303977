# expects: q1a -> "memory" 7/12
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right, _kept = opt_step, {}


def opt_step(name, p, g, state, **hp):
    run = name, p.shape
    moved, _kept[run] = _right(name, p, g, _kept.get(run, {}), **hp)
    return moved, {}
