# expects: q2a -> "half" 57/64
# expects: q2b -> "half" 67/80
# expects: q2c -> 4/5
# expects: q2d -> "half" 23/40
# expects: q2e -> "half" 1/6
# expects: q2f -> "half" 0.5
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_whole_loss, _whole_gradients = _forward, _gradients


def _forward(w, i, y):
    values = _whole_loss(w, i, y)
    return values | {"L": values["L"] / 2}


def _gradients(w, i, y):
    through = _whole_gradients(w, i, y)
    return through | {name: value / 2 for name, value in through.items() if name.startswith("dL")}
