# expects: q5 -> 0.75
import torch


def rotation_error(conv, x):
    gap = conv(torch.rot90(x, 1, (2, 3))) - torch.rot90(conv(x), 1, (2, 3))
    return gap[..., 1:-1, 1:-1].abs().max().item()
