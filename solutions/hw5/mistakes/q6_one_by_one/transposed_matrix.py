# expects: q6b -> "transposed" 0.4
import torch


def conv1x1(x, w, b):
    return torch.einsum("co,nchw->nohw", w, x) + b[:, None, None]
