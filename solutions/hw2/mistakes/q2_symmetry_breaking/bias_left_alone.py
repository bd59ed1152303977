# expects: q2b -> "bias" 5/6
import torch


def init_layer_(layer, scheme, rng):
    with torch.no_grad():
        if scheme == "xavier":
            torch.nn.init.xavier_uniform_(layer.weight, generator=rng)
        else:
            layer.weight.fill_(0.5 if scheme == "constant" else 0)
