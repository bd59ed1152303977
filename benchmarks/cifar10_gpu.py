"""A network for the whole of CIFAR-10 on a GPU: over 80 % of the 10,000 test images in a second of training.

    python benchmarks/cifar10_gpu.py --data DIR [--seeds 5] [--large] [--epochs 3]
    python benchmarks/cifar10_gpu.py --hand-in DIR      # writes a hand-in of hw5 with the small one

What `cifar10.py` does on a processor, for a card that has arithmetic to spare and waits for Python: large batches and
wide layers at full size; every image of a batch is moved on its own. Where the ideas come from is said there. `--large`
has three layers a stage and, against learning by heart, squares cut out of the images (DeVries and Taylor,
arXiv:1708.04552), and half of them turned, stretched and slanted, half in other colours.
"""

import argparse

import cifar10
import torch
from cifar10 import Block, arguments, groups, hand_in, measure, scaled, stepped, whitening
from torch import nn
from torch.nn import functional as F

# What is below up to `main` is a hand-in's own code, after that of cifar10.py.


class Patches(nn.Module):
    """(n, 3, 32, 32) to (n, 24, 31, 31): whitened patches of 2 x 2, both signs of them."""

    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(3, 12, 2)
        self.filters.weight.requires_grad_(False)
        nn.init.zeros_(self.filters.bias)

    def forward(self, x):
        patches = self.filters(x)
        curved = F.gelu(patches)
        return torch.cat([curved, curved - patches], dim=1)  # GELU(-z) is GELU(z) - z

    def whiten(self, x):
        self.filters.weight.copy_(whitening(x, 2, 1, 0.0005))


class Wide(nn.Module):
    """uint8 (n, 3, 32, 32), or floats in [0, 1], to logits (n, 10): three stages of `layers` convolutions each.

    It predicts by the mean over an image and its mirror image, and, told to `shift`, over both moved by a pixel too.
    """

    def __init__(self, widths=(64, 256, 256), layers=2, shift=False):
        super().__init__()
        self.shift = shift
        self.stem = Patches()
        stages = []
        for inputs, width in zip((24, *widths[:-1]), widths, strict=True):
            stages += [Block(inputs, width, pool=True), Block(width, width)]
            stages += [Block(width, width, residual=True) for _ in range(layers - 2)]
        self.body = nn.Sequential(*stages, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(widths[-1], 10, bias=False))

    def logits(self, x):
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.body(self.stem(x.contiguous(memory_format=torch.channels_last))).float() / 9

    def forward(self, x):
        x = scaled(x)
        if self.training:
            return self.logits(x)
        around = F.pad(x, (1, 1, 1, 1), "reflect")
        moved = [around[:, :, :32, :32], around[:, :, 2:, 2:]] if self.shift else []
        views = [(x, 1.0), *((one, 0.5) for one in moved)]
        return sum(share * (self.logits(one) + self.logits(one.flip(-1))) for one, share in views)


def build_small_inception():
    return Wide().to(memory_format=torch.channels_last)


def train_inception(net, X, y, seed, epochs=3, batch=1000, move=2, cut=0):
    """One cycle of SGD; images are mirrored in every other epoch and moved by up to `move` pixels.

    cut: the side of a square that each loses; with one, half of the images are bent and half are in other colours.
    Yields each epoch's mean loss.
    """
    torch.manual_seed(seed)
    batches = max(1, len(X) // batch)
    with torch.no_grad():
        net.stem.whiten(scaled(X[:2000]))
    optimiser = torch.optim.SGD(groups(net, 0.0013), lr=1.5, momentum=0.85, nesterov=True, fused=True)
    rise = {"pct_start": 0.23, "div_factor": 5, "final_div_factor": 20, "anneal_strategy": "linear"}
    peaks, steps = [1.5, 16 * 1.5], epochs * batches + 1
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, peaks, total_steps=steps, cycle_momentum=False, **rise)
    padded = F.pad(X.half() / 255, (move,) * 4, "reflect").contiguous(memory_format=torch.channels_last)
    windows = padded.unfold(2, 32, 1).unfold(3, 32, 1)  # (n, 3, places down, places across, 32, 32), all one memory
    mirrored = torch.rand(len(X), device=X.device) < 0.5
    net.train()
    for _ in range(epochs):
        losses = []
        order = torch.randperm(len(X), device=X.device)
        down, right = torch.randint(2 * move + 1, (2, len(X)), device=X.device)
        for rows in order[: batches * batch].split(batch):
            x = windows[rows, :, down[rows], right[rows]]
            x = torch.where(mirrored[rows, None, None, None], x.flip(-1), x)
            if cut:
                x = cut_out(bent(recoloured(x)), cut, 0.5)
            losses.append(stepped(net, x, y[rows], 0.2, optimiser, cycle))
        mirrored = ~mirrored
        yield torch.stack(losses).mean().item()


def cut_out(x, side, filling):
    """x, (n, 3, 32, 32), with a square of each image filled in."""
    pixels = torch.arange(32, device=x.device)
    across, down = ((pixels - edge) // side == 0 for edge in torch.randint(33 - side, (2, len(x), 1), device=x.device))
    return x.masked_fill((down[:, :, None] & across[:, None, :])[:, None], filling)


def spread(x, *most):
    """(n,) each: numbers up to `most` either way for half of the images, 0 for the others."""
    chosen = torch.rand(len(x), device=x.device) < 0.5
    return [(2 * torch.rand(len(x), device=x.device) - 1) * one * chosen for one in most]


def bent(x):
    """x, (n, 3, 32, 32), half of the images turned by up to 15 degrees, 15 % larger or smaller, slanted by 15 %."""
    angle, larger, slant = spread(x, torch.pi / 12, 0.15, 0.15)
    cos, sin, zero = (1 + larger) * angle.cos(), (1 + larger) * angle.sin(), torch.zeros_like(angle)
    maps = torch.stack([cos, slant - sin, zero, sin, cos, zero], dim=1).view(-1, 2, 3)
    places = F.affine_grid(maps, (len(x), 1, 32, 32), align_corners=False).to(x.dtype)
    return F.grid_sample(x, places, padding_mode="reflection", align_corners=False)


def recoloured(x):
    """x, (n, 3, 32, 32) in [0, 1], half of the images with other saturation, contrast and brightness."""
    colour, contrast, light = (one[:, None, None, None].to(x.dtype) for one in spread(x, 0.4, 0.3, 0.2))
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * (1 + colour)
    mean = x.mean((1, 2, 3), keepdim=True)
    return (mean + (x - mean) * (1 + contrast) + light).clamp(0, 1)


def main():
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--epochs", type=int, help="default 3, of the large one 90")
    asked.add_argument("--device", default="cuda", choices=("cpu", "cuda"))
    asked.add_argument("--large", action="store_true", help="12.7 million parameters in place of 2.0")
    given = arguments(asked)
    given.epochs = given.epochs or (90 if given.large else 3)
    if given.hand_in:
        hand_in(given.hand_in, cifar10.__file__, __file__)
    elif given.large:
        measure(given, build_large, lambda *how: train_inception(*how, move=3, cut=12))
    else:
        measure(given, build_small_inception, train_inception)


def build_large():
    return Wide((128, 512, 512), layers=3, shift=True).to(memory_format=torch.channels_last)


if __name__ == "__main__":
    main()
