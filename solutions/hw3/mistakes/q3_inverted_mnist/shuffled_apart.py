# expects: q3b -> "apart" 0
def shuffle_together(x, y, seed):
    rng = np.random.default_rng(seed)
    return x[rng.permutation(len(x))], y[rng.permutation(len(y))]
