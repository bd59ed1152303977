# expects: q1a -> "sum" 0.5
def mean(x):
    return np.sum(x)
