# expects: q5 -> 0.75
import torch


def shift_error(conv, x, dx):
    gap = conv(torch.roll(x, dx, dims=-1)) - torch.roll(conv(x), dx, dims=-1)
    edge = max(3, abs(dx) + 1)
    return gap[..., edge : x.shape[-1] - edge].abs().max().item()
