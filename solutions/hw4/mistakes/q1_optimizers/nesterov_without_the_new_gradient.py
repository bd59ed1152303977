# expects: q1a -> "twice" 53/60
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name != "nesterov":
        return _right(name, p, g, state, **hp)
    b = hp["momentum"] * state.get("b", 0) + g
    return p - hp["lr"] * hp["momentum"] * b, {"b": b}
