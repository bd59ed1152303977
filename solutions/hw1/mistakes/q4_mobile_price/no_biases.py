# expects: q4b -> "no_bias" 0.4
def mlp_params(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
