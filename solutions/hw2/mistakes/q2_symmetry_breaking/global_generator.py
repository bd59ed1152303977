# expects: q2b -> "global" 11/12
import torch


def init_layer_(layer, scheme, rng):
    with torch.no_grad():
        layer.bias.zero_()
        if scheme == "xavier":
            torch.nn.init.xavier_uniform_(layer.weight)
        else:
            layer.weight.fill_(0.5 if scheme == "constant" else 0)
