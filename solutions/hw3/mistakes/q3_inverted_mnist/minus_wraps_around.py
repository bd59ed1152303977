# expects: q3a -> "wraps" 0.4
def invert_augment(x, y):
    return np.concatenate([x, -x]), np.concatenate([y, y])
