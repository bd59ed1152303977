# expects: q3b -> "rounded too early" 0.75
_one, _two = two_to_one, one_to_two


def two_to_one(W, b):
    return _one(W.astype(np.float32), b.astype(np.float32))


def one_to_two(w, c):
    return _two(w.astype(np.float32), np.float32(c))
