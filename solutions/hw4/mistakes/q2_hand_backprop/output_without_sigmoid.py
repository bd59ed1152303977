# expects: q2a -> "uncurved" 9/16
_exact = forward1


def forward1():
    values = _exact()
    return {**values, "p": values["z"], "L": (GIVEN["y"] - values["z"]) ** 2}
