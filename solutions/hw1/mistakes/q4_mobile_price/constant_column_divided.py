# expects: q4c -> "constant" 0.75
def standardize(train, test):
    mean, std = train.mean(axis=0), train.std(axis=0)
    with np.errstate(all="ignore"):
        return (train - mean) / std, (test - mean) / std
