# expects: q2c -> "ascent" 0.3
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = updated1()


def updated1():
    return [2 * old - new for old, new in zip(GIVEN["w"], _right, strict=True)]
