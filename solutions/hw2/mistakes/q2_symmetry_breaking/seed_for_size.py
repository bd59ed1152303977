# expects: q2d -> "The same seed gives" 0
def activation_std(depth, width, std, seed):
    return seed
