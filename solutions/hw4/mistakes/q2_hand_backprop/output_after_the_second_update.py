# expects: q2d -> "after" 0.875
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = epoch2()


def epoch2():
    return {"p": 0.9218455, "w": _right["w"]}
