# expects: q3b -> "sum" 0.3
def two_to_one(W, b):
    return W[1] + W[0], float(b[1] + b[0])


def one_to_two(w, c):
    return np.stack([w, w]), np.array([c, c])
