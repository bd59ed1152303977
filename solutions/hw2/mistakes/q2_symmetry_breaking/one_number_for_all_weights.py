# expects: q2b -> "other" 2/3
# A single random number breaks no symmetry; the generator is respected, and the fixed schemes are right.
import torch


def init_layer_(layer, scheme, rng):
    with torch.no_grad():
        layer.bias.zero_()
        if scheme == "xavier":
            std = (2 / (layer.in_features + layer.out_features)) ** 0.5
            layer.weight.fill_(std * torch.randn((), generator=rng).sign().item())
        else:
            layer.weight.fill_(0.5 if scheme == "constant" else 0)
