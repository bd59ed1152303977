# expects: q2f -> "late" 0.7
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = train_tiny


def train_tiny(w0, i, y, lr, epochs):
    path = _right(w0, i, y, lr, epochs + 1)
    return {"p": path["p"][1:], "L": path["L"][1:], "w": path["w"][:-1]}
