"""Build the Inception module, count what it holds, and train a small Inception network on CIFAR-10.

Which filter size is right for a picture? Inception does not choose: it runs several side by side on the same input and
lays their maps on top of one another. What keeps this affordable is a 1 x 1 convolution in front of each large filter.

## Size of a map

Along one axis, a layer with kernel `k` and dilation `d` looks through a window whose first and last entry are
`d * (k - 1)` places apart. The input has `n` entries, and `padding` more are laid on at both ends. The first window
starts at the very left of that, the next ones follow at distances of `stride`, and every window must lie inside.

`ceil=True` is torch's `ceil_mode` of pooling layers: one more window is taken if part of the input is still left over,
although it reaches over the right end; but a window that would *start* in the padding on the right is never taken.

For `n = 9`, `k = 4`, `stride = 2` and no padding the windows start at 0, 2 and 4, so the map has 3 entries; with
`ceil=True` a fourth window at 6 takes in the last entry.

## The module

`Inception(cin, c1, r3, c3, r5, c5, pp)` maps `(N, cin, h, w)` to `(N, c1 + c3 + c5 + pp, h, w)`. Four branches see the
same input, and their outputs are concatenated along the channels in this order:

| branch | layers | channels out |
|---|---|---|
| 1 | convolution 1 x 1 | c1 |
| 2 | convolution 1 x 1 to r3 channels, convolution 3 x 3 | c3 |
| 3 | convolution 1 x 1 to r5 channels, convolution 5 x 5 | c5 |
| 4 | max pooling 3 x 3, convolution 1 x 1 | pp |

These are six convolutions, each a layer of its own with a bias. Every stride is 1, and paddings are such that height
and width stay, whatever they are.
A ReLU after each convolution is usual; it has no parameters, and without it the module is as right. There is no other
activation in it, and no normalisation.

A convolution has `c_out * (c_in * k * k + 1)` parameters. So `Inception(8, 4, 2, 6, 2, 3, 5)` has
`36 + (18 + 114) + (18 + 153) + 45 = 384` of them and 18 channels out.

## The network

A network of about half a million parameters is enough for 80 % on the 10,000 test images. How it is laid out is up to
you, as long as at least one of its modules concatenates the maps of several branches, `(N, C, h, w)` each, along the
channels with `torch.cat`. Normalisation layers, flips, shifts and a learning rate that rises and falls all help; so
does taking larger steps on fewer, smaller maps.

## What to return

`conv_out` returns an int. `Inception` is the module above. `build_small_inception` returns a fresh network and
`train_inception` trains it in place; how long it trains is its own decision, and it can look at `len(X)`. On the whole
of CIFAR-10 ten minutes on one CPU core are meant, on the practice subset of 5,000 images three to four.

## What earns the points

`conv_out` is compared with torch on many settings. For the module, its parameters, its sizes, the independence of its
branches and their values count. The trained network is judged twice by the grader's own prediction: on the images that
it was trained on and on images that your code never sees. Of the second, part is earned below 80 %. On the practice
subset the bars are lower.

## References

- C. Szegedy et al.: *Going deeper with convolutions*, CVPR 2015, arXiv:1409.4842, section 4 and table 1.
- V. Dumoulin, F. Visin: *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, section 2.
- L. N. Smith, N. Topin: *Super-convergence*, arXiv:1708.07120: the learning rate that rises and falls.
"""

import torch
import torch.nn.functional as F
from torch import nn


def conv_out(n: int, k: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False) -> int:
    """q7b: how many windows a convolution or pooling layer takes along one axis.

    n: entries of the input; k: kernel; stride, padding, dilation as in torch.nn.Conv2d; ceil: `ceil_mode` of
    torch.nn.MaxPool2d. All are int (ceil is bool) and such that at least one window fits. Returns an int.

    >>> conv_out(9, 4, 2, 0), conv_out(9, 4, 2, 0, ceil=True)
    (3, 4)
    >>> conv_out(28, 5, 1, 2)
    28
    """
    raise NotImplementedError("q7b: not written yet")


class Inception(nn.Module):
    """q7d: four branches beside one another: 1 x 1, 3 x 3, 5 x 5 and pooling, concatenated along the channels.

    Maps (N, cin, h, w) float32 to (N, c1 + c3 + c5 + pp, h, w) for any h, w >= 1.

    >>> module = Inception(8, 4, 2, 6, 2, 3, 5)
    >>> sum(p.numel() for p in module.parameters())
    384
    >>> tuple(module(torch.rand(2, 8, 7, 5)).shape)
    (2, 18, 7, 5)
    """

    def __init__(self, cin: int, c1: int, r3: int, c3: int, r5: int, c5: int, pp: int) -> None:
        """q7d: the layers of the four branches; all arguments are numbers of channels, named as in the table."""
        super().__init__()
        raise NotImplementedError("q7d: not written yet")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """q7d: x: (N, cin, h, w) float32; returns the branches' maps in the order of the table, one below another."""
        raise NotImplementedError("q7d: not written yet")


def build_small_inception() -> nn.Module:
    """q7e: a fresh network for CIFAR-10 with at least one module that concatenates several branches.

    It maps images (N, 3, 32, 32) to logits (N, 10); uint8 images are divided by 255 inside the network, float32 images
    in [0, 1] are taken as they are. It is complete when it is returned: training changes values, not layers.

    >>> net = build_small_inception()
    >>> images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    >>> tuple(net(images).shape)
    (4, 10)
    >>> net = net.eval()
    >>> torch.allclose(net(images), net(images.float() / 255), atol=1e-4)
    True
    """
    raise NotImplementedError("q7e: not written yet")


def train_inception(net: nn.Module, X: torch.Tensor, y: torch.Tensor, seed: int) -> list[float]:
    """q7e: train `net` in place and return the mean loss of every epoch.

    net: a network from build_small_inception; X: (n, 3, 32, 32) uint8 and y: (n,) int64 from 0 to 9, both tensors on
    the device to be used; seed: fixes everything random here. No other images may be used, and none are at hand. Only
    the network's parameters and buffers are carried from the training to the measurement.

    >>> X, y = torch.randint(0, 256, (64, 3, 32, 32), dtype=torch.uint8), torch.arange(64) % 10
    >>> losses = train_inception(build_small_inception(), X, y, seed=1)
    >>> all(isinstance(loss, float) for loss in losses)
    True
    """
    raise NotImplementedError("q7e: not written yet")
