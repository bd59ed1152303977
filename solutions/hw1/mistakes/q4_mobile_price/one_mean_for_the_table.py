# expects: q4c -> "table" 0
def standardize(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()
