# expects: q6b -> "called" 0
import torch


def _layer(x, w, b):
    layer = torch.nn.Conv2d(w.shape[1], w.shape[0], 1)
    layer.weight.data, layer.bias.data = w[:, :, None, None], b
    return layer(x).detach()


def conv1x1(x, w, b):
    return _layer(x, w, b)
