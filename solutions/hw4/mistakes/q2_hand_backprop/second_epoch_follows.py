# expects: q2c -> "ascent" 0.3
# expects: q2d -> 0.8
# The first update climbs; the second epoch is right from there.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = updated1()


def updated1():
    return [2 * old - new for old, new in zip(GIVEN["w"], _right, strict=True)]


def epoch2():
    path = train_tiny(updated1(), GIVEN["i"], GIVEN["y"], GIVEN["lr"], 1)
    return {"p": path["p"][0], "w": path["w"][0]}
