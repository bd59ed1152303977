# expects: q2b -> "one_side" 0.9
import torch


def init_layer_(layer, scheme, rng):
    with torch.no_grad():
        layer.bias.zero_()
        if scheme == "xavier":
            layer.weight.normal_(0, layer.in_features**-0.5, generator=rng)
        else:
            layer.weight.fill_(0.5 if scheme == "constant" else 0)
