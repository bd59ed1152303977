# expects: q3a -> "kind" 0.8
_whole = augment


def augment(x, rng):
    return _whole(x, rng).astype(np.float32)
