# expects: q1c -> "float32" 0
def half(x):
    return np.asarray(x) / 2
