# expects: q3a -> "deaf" 0
def augment(x, rng):
    return x
