# expects: q3a -> "own" 0.6
def augment(x, rng):
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    places = rng.integers(0, 9, (len(x), 2))
    out = np.stack([p[:, d : d + 32, r : r + 32] for p, (d, r) in zip(padded, places, strict=True)])
    return out[..., ::-1] if rng.random() < 0.5 else out
