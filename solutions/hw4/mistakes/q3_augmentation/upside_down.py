# expects: q3a -> "upside_down" 0.4
_whole = augment


def augment(x, rng):
    n = len(x)
    shifted = np.empty_like(x)
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    for i, (down, right) in enumerate(rng.integers(0, 9, (n, 2))):
        shifted[i] = padded[i, :, down : down + 32, right : right + 32]
    flips = rng.random(n) < 0.5
    shifted[flips] = shifted[flips, :, ::-1, :]
    return shifted
