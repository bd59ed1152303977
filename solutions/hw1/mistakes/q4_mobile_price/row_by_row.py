# expects: q4c -> "rows" 0
def standardize(train, test):
    def alone(rows):
        return (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)

    return alone(train), alone(test)
