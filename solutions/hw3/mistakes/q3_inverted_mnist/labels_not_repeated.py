# expects: q3a -> "labels" 0
def invert_augment(x, y):
    return np.concatenate([x, 255 - x]), y
