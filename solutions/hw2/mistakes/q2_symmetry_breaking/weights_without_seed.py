# expects: q2d -> "repeat" 0.75
import torch


def activation_std(depth, width, std, seed):
    x = torch.randn(512, width, generator=torch.Generator().manual_seed(seed))
    for _ in range(depth):
        x = x @ (std * torch.randn(width, width))
    return x.std().item()
