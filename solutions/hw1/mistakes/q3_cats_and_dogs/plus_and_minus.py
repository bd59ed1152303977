# expects: q3b -> "doubled" 0.65
def one_to_two(w, c):
    return np.stack([-w, w]), np.array([-c, c])
