# expects: q3b -> "pair" 0.5
def two_to_one(W, b):
    return W[1] - W[0]
