# expects: q4b -> "one_output" 0.4
_count = mlp_params


def mlp_params(sizes):
    return _count([*sizes[:-1], 1])
