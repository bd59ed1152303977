# expects: q2b -> "no_slope" 51/80
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    slope = 0.9160615681 * (1 - 0.9160615681)
    return {name: value if name == "dL_dp" else value / slope for name, value in _right.items()}
