# expects: q2c -> 0
# expects: q2d -> "repeated" 0
# Weights that have not moved carry nothing: the first epoch earns nothing in place of the second.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_first = updated1()


def updated1():
    return GIVEN["w"]


def epoch2():
    return {"p": forward1()["p"], "w": _first}
