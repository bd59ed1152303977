# expects: q5 -> "stride" 0.875
def receptive_field(layers):
    return 1 + sum(k - 1 for k, _ in layers)
