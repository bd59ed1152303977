# expects: q3a -> "other_source" 0.8
_whole = augment


def augment(x, rng):
    return _whole(x, np.random.default_rng())
