# expects: q3b -> "sum" 0.65
def two_to_one(W, b):
    return W[1], b[1]
