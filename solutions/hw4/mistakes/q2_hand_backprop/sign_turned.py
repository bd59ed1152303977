# expects: q2b -> "sign" 67/80
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    return {name: -value if name.startswith("dL") else value for name, value in _right.items()}
