# expects: q2b -> "width" 0.875
import torch


def init_layer_(layer, scheme, rng):
    with torch.no_grad():
        layer.bias.zero_()
        if scheme == "xavier":
            std = (2 / (layer.in_features + layer.out_features)) ** 0.5
            layer.weight.uniform_(-std, std, generator=rng)
        else:
            layer.weight.fill_(0.5 if scheme == "constant" else 0)
