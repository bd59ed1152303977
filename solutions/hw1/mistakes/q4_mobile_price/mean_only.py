# expects: q4c -> "spread" 0.25
def standardize(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0)
