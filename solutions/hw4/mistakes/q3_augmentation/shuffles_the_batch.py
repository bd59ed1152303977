# expects: q3a -> "strange" 0.2
_whole = augment


def augment(x, rng):
    return rng.permutation(_whole(x, rng))
