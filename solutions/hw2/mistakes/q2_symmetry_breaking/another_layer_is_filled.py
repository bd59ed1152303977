# expects: q2b -> "unfilled" 0.5
import torch


def init_layer_(layer, scheme, rng):
    layer = torch.nn.Linear(layer.in_features, layer.out_features)
    torch.nn.init.zeros_(layer.bias)
    torch.nn.init.xavier_uniform_(layer.weight, generator=rng)
