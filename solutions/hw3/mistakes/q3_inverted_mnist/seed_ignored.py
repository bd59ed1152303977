# expects: q3b -> "unseeded" 0.75
def shuffle_together(x, y, seed):
    order = np.random.default_rng(0).permutation(len(y))
    return x[order], y[order]
