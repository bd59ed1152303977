# expects: q6b -> "bias" 0.7
import torch


def conv1x1(x, w, b):
    return torch.einsum("oc,nchw->nohw", w, x)
