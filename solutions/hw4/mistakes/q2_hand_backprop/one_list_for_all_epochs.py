# expects: q2f -> "one_list" 0.7
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = train_tiny


def train_tiny(w0, i, y, lr, epochs):
    path = _right(w0, i, y, lr, epochs)
    return path | {"w": [path["w"][-1]] * epochs}
