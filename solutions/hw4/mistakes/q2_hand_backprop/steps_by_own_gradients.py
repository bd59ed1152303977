# expects: q2b -> "half" 67/80
# expects: q2c -> 0.8
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    return {name: value / 2 if name.startswith("dL") else value for name, value in _right.items()}


def updated1():
    return [w - 0.1 * gradients1()[f"dL_dw{n}"] for n, w in enumerate(GIVEN["w"], 1)]
