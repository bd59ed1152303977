# expects: q3a -> "order" 0.25
def invert_augment(x, y):
    return np.concatenate([255 - x, x]), np.concatenate([y, y])
