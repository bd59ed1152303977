# expects: q3a -> "bytes" 0.75
def invert_augment(x, y):
    return np.concatenate([x, 255.0 - x]), np.concatenate([y, y])
