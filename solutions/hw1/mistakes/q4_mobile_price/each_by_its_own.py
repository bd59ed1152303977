# expects: q4c -> "own" 0.625
def standardize(train, test):
    def alone(rows):
        std = rows.std(axis=0)
        return (rows - rows.mean(axis=0)) / np.where(std > 0, std, 1.0)

    return alone(train), alone(test)
