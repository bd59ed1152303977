# expects: q1a -> "damped" 11/12
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = opt_step


def opt_step(name, p, g, state, **hp):
    if name != "momentum":
        return _right(name, p, g, state, **hp)
    b = hp["momentum"] * state.get("b", 0) + (1 - hp["momentum"]) * g
    return p - hp["lr"] * b, {"b": b}
