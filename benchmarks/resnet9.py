"""What the image-folder form of CIFAR-10 costs: a published network that reaches 94 % on the official files, on ours.

    python benchmarks/resnet9.py --data DIR [--seeds 5] [--epochs 24] [--device cuda]

Layers, schedule and augmentation are those of D. Page's entry to DAWNBench (2018, "How to train your ResNet"): nine
layers, 24 epochs of batches of 512, images moved by up to four pixels, mirrored, with a square of 8 x 8 cut out; 94 %
of the test images without any mean over copies. What this network is short of that is what the pictures have lost.
"""

import argparse

import torch
from cifar10 import arguments, measure
from cifar10_gpu import cut_out
from torch import nn
from torch.nn import functional as F

MEAN, SD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def convolution(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """(n, width, h, w) beside what two convolutions make of it."""

    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(convolution(width, width), convolution(width, width))

    def forward(self, x):
        return x + self.body(x)


class ResNet9(nn.Module):
    """uint8 (n, 3, 32, 32), or normalised floats, to logits (n, 10)."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            convolution(3, 64),
            *(convolution(64, 128), nn.MaxPool2d(2), Residual(128)),
            *(convolution(128, 256), nn.MaxPool2d(2)),
            *(convolution(256, 512), nn.MaxPool2d(2), Residual(512)),
            *(nn.MaxPool2d(4), nn.Flatten(), nn.Linear(512, 10, bias=False)),
        )

    def forward(self, x):
        x = x if x.is_floating_point() else normalised(x)
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.body(x.contiguous(memory_format=torch.channels_last)).float() * 0.125


def normalised(x):
    """uint8 (n, 3, 32, 32) to floats of mean 0 and standard deviation 1."""
    mean, sd = (torch.tensor(numbers, device=x.device)[:, None, None] for numbers in (MEAN, SD))
    return (x.float() / 255 - mean) / sd


def train(net, X, y, seed, epochs, batch=512):
    """Yields each epoch's mean loss."""
    torch.manual_seed(seed)
    steps = len(X) // batch
    optimiser = torch.optim.SGD(net.parameters(), lr=0.4, momentum=0.9, weight_decay=5e-4, nesterov=True)
    rise = 5 / 24 * epochs * steps
    height = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda at: min(at / rise, (epochs * steps - at) / (epochs * steps - rise))
    )
    windows = F.pad(normalised(X), (4,) * 4, "reflect").unfold(2, 32, 1).unfold(3, 32, 1)
    net.train()
    for _ in range(epochs):
        losses = []
        order = torch.randperm(len(X), device=X.device)
        for rows in order[: steps * batch].split(batch):
            down, right = torch.randint(9, (2, batch), device=X.device)
            x = windows[rows, :, down, right]
            x = torch.where(torch.rand(batch, 1, 1, 1, device=X.device) < 0.5, x.flip(-1), x)
            optimiser.zero_grad()
            loss = F.cross_entropy(net(cut_out(x, 8, 0.0)), y[rows])
            loss.backward()
            optimiser.step()
            height.step()
            losses.append(loss.detach())
        yield torch.stack(losses).mean().item()


def main():
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--epochs", type=int, default=24)
    asked.add_argument("--device", default="cuda", choices=("cpu", "cuda"))
    measure(arguments(asked), lambda: ResNet9().to(memory_format=torch.channels_last), train)


if __name__ == "__main__":
    main()
