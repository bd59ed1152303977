# expects: q3a -> "own" 0.6
def augment(x, rng):
    return np.where(rng.random((len(x), 1, 1, 1)) < 0.5, x[..., ::-1], x)
