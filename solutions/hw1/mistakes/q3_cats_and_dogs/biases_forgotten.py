# expects: q3b -> "no_bias" 0.6
def two_to_one(W, b):
    return W[1] - W[0], 0.0


def one_to_two(w, c):
    return np.stack([-w / 2, w / 2]), np.zeros(2)
