# expects: q2a -> 0
# expects: q2b -> 0
# expects: q2c -> 0
# expects: q2d -> 0
# Nothing follows from zeros.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_names = [list(table()) for table in (forward1, gradients1)]


def forward1():
    return dict.fromkeys(_names[0], 0.0)


def gradients1():
    return dict.fromkeys(_names[1], 0.0)


def updated1():
    return [0.0] * 6


def epoch2():
    return {"p": 0.5, "w": [0.0] * 6}
