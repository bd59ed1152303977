# expects: q2d -> "one_matrix" 0.775
import torch


def activation_std(depth, width, std, seed):
    rng = torch.Generator().manual_seed(seed)
    x, weights = torch.randn(512, width, generator=rng), std * torch.randn(width, width, generator=rng)
    for _ in range(depth):
        x = x @ weights
    return x.std().item()
