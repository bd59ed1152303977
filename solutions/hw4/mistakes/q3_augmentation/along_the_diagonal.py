# expects: q3a -> "together" 0.6
def augment(x, rng):
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    places = rng.integers(0, 9, len(x))
    out = np.stack([p[:, d : d + 32, d : d + 32] for p, d in zip(padded, places, strict=True)])
    flips = rng.random(len(x)) < 0.5
    out[flips] = out[flips][..., ::-1]
    return out
