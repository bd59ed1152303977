# expects: q3a -> "in_place" 0.75
def invert_augment(x, y):
    original = x.copy()
    np.subtract(255, x, out=x)
    return np.concatenate([original, x]), np.concatenate([y, y])
