# expects: q5 -> "signed" 0.8
import torch


def shift_error(conv, x, dx):
    gap = conv(torch.roll(x, dx, dims=-1)) - torch.roll(conv(x), dx, dims=-1)
    edge = x.shape[-1] // 4
    return gap[..., edge : x.shape[-1] - edge].max().item()


def rotation_error(conv, x):
    return (conv(torch.rot90(x, 1, (2, 3))) - torch.rot90(conv(x), 1, (2, 3))).max().item()
