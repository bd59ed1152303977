# expects: q3b -> "in_place" 0.75
def shuffle_together(x, y, seed):
    for array in (x, y):
        np.random.default_rng(seed).shuffle(array)
    return x, y
