# expects: q2b -> "global" 11/12
import torch


def init_layer_(layer, scheme, rng):
    torch.manual_seed(rng.initial_seed())
    torch.nn.init.zeros_(layer.bias)
    if scheme == "xavier":
        torch.nn.init.xavier_normal_(layer.weight)
    else:
        torch.nn.init.constant_(layer.weight, 0.5 if scheme == "constant" else 0)
