# expects: q3a -> "border" 0.8
def augment(x, rng):
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)))
    places = rng.integers(0, 9, (len(x), 2))
    out = np.stack([p[:, d : d + 32, r : r + 32] for p, (d, r) in zip(padded, places, strict=True)])
    flips = rng.random(len(x)) < 0.5
    out[flips] = out[flips][..., ::-1]
    return out
