# expects: q2f -> "half" 0.5
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = train_tiny


def train_tiny(w0, i, y, lr, epochs):
    return _right(w0, i, y, lr / 2, epochs)
