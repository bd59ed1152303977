# expects: q2b -> "kept" 0.5
_fill = init_layer_


def init_layer_(layer, scheme, rng):
    _fill(layer, scheme, rng)
    layer.bias = None
