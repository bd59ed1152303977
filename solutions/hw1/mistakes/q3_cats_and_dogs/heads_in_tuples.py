# expects: q3a -> "rows" 0
def head_options():
    return [(1, "sigmoid", "bce"), (2, "softmax", "cce")]
