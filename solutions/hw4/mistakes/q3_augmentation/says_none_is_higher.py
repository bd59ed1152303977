# expects: q3c -> "compare" 0.5
_whole = train_test_gap


def train_test_gap(train, test):
    return {**_whole(train, test), "test_higher": []}
