# expects: q3d -> "no_bias" 0.7
_build_with_biases = build_leaky_net


def build_leaky_net(alpha):
    net = _build_with_biases(alpha)
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.bias = None
    return net
