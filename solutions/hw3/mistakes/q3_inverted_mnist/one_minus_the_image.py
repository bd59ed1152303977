# expects: q3a -> "wraps" 0.4
def invert_augment(x, y):
    return np.concatenate([x, 1 - x]), np.concatenate([y, y])
