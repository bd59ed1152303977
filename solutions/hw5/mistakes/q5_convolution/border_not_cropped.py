# expects: q5 -> "border" 0.9
import torch


def shift_error(conv, x, dx):
    gap = conv(torch.roll(x, dx, dims=-1)) - torch.roll(conv(x), dx, dims=-1)
    return gap.abs().max().item()
