# expects: q3b -> "shapes" 0.5
_convert = two_to_one


def two_to_one(W, b):
    w, c = _convert(W, b)
    return w[None], c
