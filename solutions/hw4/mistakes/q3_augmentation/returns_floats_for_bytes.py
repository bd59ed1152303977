# expects: q3a -> "kind" 0.4
_whole = augment


def augment(x, rng):
    return _whole(x, rng).astype(np.float32) / (255 if x.dtype == np.uint8 else 1)
