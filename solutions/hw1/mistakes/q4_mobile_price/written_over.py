# expects: q4c -> "in_place" 7/8
def standardize(train, test):
    mean, std = train.mean(axis=0), train.std(axis=0)
    std[std == 0] = 1
    for table in (train, test):
        table -= mean
        table /= std
    return train, test
