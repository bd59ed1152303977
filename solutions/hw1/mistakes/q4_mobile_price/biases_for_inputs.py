# expects: q4b -> "input_bias" 0
_count = mlp_params


def mlp_params(sizes):
    return _count(sizes) + sizes[0]
