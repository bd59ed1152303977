# expects: q3b -> "multiset" 0
def shuffle_together(x, y, seed):
    order = np.random.default_rng(seed).integers(0, len(y), len(y))
    return x[order], y[order]
