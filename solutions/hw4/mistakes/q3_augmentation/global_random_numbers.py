# expects: q3a -> "global" 0.8
_whole = augment


def augment(x, rng):
    return _whole(x, np.random.default_rng(np.random.randint(1 << 30)))
