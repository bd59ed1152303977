# expects: q2b -> "half" 67/80
# It is missing where the loss is differentiated, and the rest follows.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    return {name: value / 2 if name.startswith("dL") else value for name, value in _right.items()}
