# expects: q2b -> "no_slope" 0.65
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    slope = 0.9160615681 * (1 - 0.9160615681)
    return {name: value / slope if name.startswith("dL_dw") else value for name, value in _right.items()}
