# expects: q3b -> "swapped" 0.5
def two_to_one(W, b):
    return W[0] - W[1], float(b[0] - b[1])


def one_to_two(w, c):
    return np.stack([w, 0 * w]), np.array([c, 0.0])
