# expects: q3a -> "own" 0.6
def augment(x, rng):
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    if rng.random() < 0.5:
        padded = padded[..., ::-1]
    down, right = rng.integers(0, 9, 2)
    return padded[:, :, down : down + 32, right : right + 32]
