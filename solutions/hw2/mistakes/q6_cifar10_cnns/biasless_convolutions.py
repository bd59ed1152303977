# expects: q6b -> "biases" 0.625
_build_with_biases = build_model2


def build_model2():
    net = _build_with_biases()
    for layer in net:
        if isinstance(layer, nn.Conv2d):
            layer.bias = None
    return net
