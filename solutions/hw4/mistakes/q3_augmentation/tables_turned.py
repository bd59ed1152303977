# expects: q3c -> "turned" 0
_whole = train_test_gap


def train_test_gap(train, test):
    return _whole(test, train)
