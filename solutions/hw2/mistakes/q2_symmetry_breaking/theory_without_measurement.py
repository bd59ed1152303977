# expects: q2d -> "unseeded" 0.75
def activation_std(depth, width, std, seed):
    return (width * std**2) ** (depth / 2)
