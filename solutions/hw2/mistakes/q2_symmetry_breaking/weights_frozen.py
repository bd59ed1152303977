# expects: q2b -> "kept" 11/12
_fill = init_layer_


def init_layer_(layer, scheme, rng):
    _fill(layer, scheme, rng)
    layer.requires_grad_(False)
