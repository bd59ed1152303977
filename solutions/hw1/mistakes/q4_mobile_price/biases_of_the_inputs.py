# expects: q4b -> "other_side" 0.4
def mlp_params(sizes):
    return sum(a * b + a for a, b in zip(sizes, sizes[1:], strict=False))
