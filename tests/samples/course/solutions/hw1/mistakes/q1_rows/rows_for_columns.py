# expects: q1b -> "axis" 0.25
def centred(X):
    return X - X.mean(axis=1, keepdims=True)
