# expects: q3a -> "in_place" 0.8
_whole = augment


def augment(x, rng):
    flips = rng.random(len(x)) < 0.5
    x[flips] = x[flips][..., ::-1]
    return _whole(x, rng)
