# expects: q3a -> "tied" 0.6
def augment(x, rng):
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    number, right = rng.random(len(x)), rng.integers(0, 9, len(x))
    down, flips = (number * 9).astype(int), number < 0.5
    out = np.stack([p[:, d : d + 32, r : r + 32] for p, d, r in zip(padded, down, right, strict=True)])
    out[flips] = out[flips][..., ::-1]
    return out
