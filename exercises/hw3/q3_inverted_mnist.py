"""Double MNIST by inverting it, train one network with many slopes, and explain the one slope that learns nothing.

A digit is the same digit in white on black and in black on white, so each image can be used twice. This harmless
doubling makes one network of the family fail completely, and to see why is to understand what an activation is for.

## The data

`x` holds images `(N, H, W)`, uint8 from 0 to 255, and `y` their labels `(N,)`. The inverted copy of an image is
`255 - x`: the pixels `[0, 10, 250]` become `[255, 245, 5]`. The doubled set has the originals first, in their order,
and then the copies in the same order, each with its original's label.

Shuffling must move images and labels alike: row i of the new `x` and entry i of the new `y` come from one old row.
`prepare` makes of 28 x 28 images what a network wants that has its channels last: float32 `(N, 28, 28, 1)`, divided by
255, and one-hot rows, float32 `(N, n_classes)`; with 5 classes the label 3 becomes `[0, 0, 0, 1, 0]`.

## The network

For an alpha of your choice, the leaky ReLU is `v` where `v > 0` and `alpha * v` where `v <= 0`. The network:

| layer | what |
|---|---|
| conv1 | convolution 1 to 8 channels, 7 x 7, leaky ReLU |
| conv2 | convolution 8 to 8 channels, 5 x 5, leaky ReLU |
| flatten | the maps in one row |
| dense | dense layer to 10 logits |

Nothing is padded, strides are 1, every layer has biases, and no softmax follows: the cross-entropy of PyTorch takes
logits. The layers are `nn.Conv2d` and `nn.Linear`. The network takes uint8 images `(N, 28, 28)`, to which it gives
their channel axis and which it divides by 255, and float32 images `(N, 1, 28, 28)` in [0, 1], which it takes as they
are; both give the same logits. After that it may shift and scale by fixed numbers.

An unpadded convolution with kernel `k` leaves `n - k + 1` of `n` rows and columns and has `c_out * (c_in * k * k + 1)`
parameters; a dense layer has `out * (in + 1)`. For images of 6 x 6, a convolution 1 to 2 channels with 3 x 3 filters,
flattening and a dense layer to 4 outputs make this table, shapes without the batch and channels first:

    [("conv1", (2, 4, 4), 20), ("flatten", (32,), 0), ("dense", (4,), 132)]

`nn.PReLU(c)` is a leaky ReLU that learns its slopes, one for each of c channels. In `build_prelu_net` two places have
one: behind conv1 and behind conv2. With `shared=True` one and the same object stands in both, and its alphas are
counted once; with `shared=False` each place has its own. A third way, which you only count, has an alpha of its own for
each entry of a map (channel, row and column), in both places: 32 behind the convolution of the example.

In one epoch each row is used once, in batches of `batch` rows. A rest that does not fill a batch makes one more step,
unless it is dropped: 10 rows in batches of 4 are 3 steps, or 2.

## The slope that learns nothing

With alpha = 1 the network stays near chance on the doubled set, however long it trains. `alpha_one` asks why, and how
far it can get. Take all 60,000 training images, whose labels occur as often as `LABEL_COUNTS` says, with their copies,
and of all weights those that make the mean cross-entropy (natural logarithm) smallest: `best_loss` is that smallest
value, and `best_acc` is the share of the same images that the network with these weights labels correctly, naming the
class of the largest logit. An error of 0.004 in the loss or 0.002 in the accuracy does not matter.

`affine_sum(f, x)` lets you look: it adds what `f` makes of images `x` in [0, 1] and what it makes of their inverted
copies `1 - x`. For `f(x) = x ** 2` the pixels 0.3 and 0.5 give 0.58 and 0.5. Try it on your network, alpha by alpha.

## Comparing slopes

`train_alpha` trains any of these networks, and the grader measures them. `compare_alphas` reads a table of accuracies,
by alpha as text: the alpha with the highest accuracy, and all alphas that stay near chance, in ascending order. Near
chance means at most 0.35 here: one in ten is chance itself, and some runs come out well above it.
`{"-2": 0.91, "0.1": 0.25, "3": 0.35}` gives `{"best": -2.0, "chance": [0.1, 3.0]}`. `nearest_alpha` rounds learned
alphas to the nearest value of a grid: on the grid `[0, 1, 4]`, 0.7 becomes 1 and 2.9 becomes 4. Where two grid values
are equally near, either will do.

## What earns the points

Functions are compared on drawn arrays. In the table and in the counts every cell counts for itself; in the networks the
number of parameters, what they compute with any alpha, and that they return logits. For q3g the grader draws the seed,
trains your networks with your `train_alpha` on images and inverted copies in random order, and lets them label unseen
images and their copies. Alphas -1, -0.5, 0 and 0.5 and the shared PReLU must reach a bar: 96.5 % and 97 % on all of
MNIST, 75 % on the practice subset of two thousand images and their copies. With alpha = 1 the accuracy must stay at
35 % or below, while the same network, trained without copies, labels at least 80 % of unseen plain images.

## References

- A. L. Maas, A. Y. Hannun, A. Y. Ng: *Rectifier nonlinearities improve neural network acoustic models*, ICML workshop
  on deep learning for audio, speech and language processing, 2013: the leaky ReLU.
- K. He, X. Zhang, S. Ren, J. Sun: *Delving deep into rectifiers*, arXiv:1502.01852, section 2.1: the PReLU.
"""

from collections.abc import Callable
from typing import Literal, TypedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

LABEL_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)  # of 0 to 9 in MNIST's training images

Cause = Literal["linear_too_weak", "inverted_pairs_cancel", "lr", "init"]


class AlphaOne(TypedDict):
    """The answer of q3f."""

    cause: Cause
    best_loss: float
    best_acc: float


def invert_augment(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """q3a: the images followed by their inverted copies, with labels.

    x: (N, H, W) uint8; y: (N,) int64. Returns (2N, H, W) uint8 and (2N,) int64, new arrays; x and y stay as they are.

    >>> x2, y2 = invert_augment(np.array([[[0, 10, 250]]], dtype=np.uint8), np.array([7]))
    >>> x2.tolist(), y2.tolist(), x2.dtype.name
    ([[[0, 10, 250]], [[255, 245, 5]]], [7, 7], 'uint8')
    """
    raise NotImplementedError("q3a: not written yet")


def shuffle_together(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """q3b: rows and labels in a new random order, the same for both.

    x: (N, H, W) uint8; y: (N,) int64. Every row occurs once. The same seed gives the same order, another seed another
    one. Returns new arrays; x and y stay as they are.

    >>> x, y = shuffle_together(np.arange(6).reshape(6, 1, 1), np.arange(6), seed=0)
    >>> bool((x[:, 0, 0] == y).all()), sorted(y.tolist())
    (True, [0, 1, 2, 3, 4, 5])
    """
    raise NotImplementedError("q3b: not written yet")


def prepare(x: np.ndarray, y: np.ndarray, n_classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """q3c: images with a channel axis at the end, scaled to [0, 1], and one-hot labels.

    x: (N, 28, 28) uint8; y: (N,) int64 from 0 to n_classes - 1. Returns (N, 28, 28, 1) float32 and (N, n_classes)
    float32; a class that does not occur in y has its column too.

    >>> images, rows = prepare(np.full((2, 28, 28), 51, dtype=np.uint8), np.array([3, 0]), n_classes=5)
    >>> images.shape, images.dtype.name, round(float(images.max()), 6), rows.tolist()
    ((2, 28, 28, 1), 'float32', 0.2, [[0.0, 0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
    """
    raise NotImplementedError("q3c: not written yet")


def build_leaky_net(alpha: float) -> nn.Module:
    """q3d: a fresh network of the table with leaky ReLUs of slope alpha, which may be any number.

    Maps (N, 28, 28) uint8 or (N, 1, 28, 28) float32 in [0, 1] to logits (N, 10).

    >>> net = build_leaky_net(0.3)
    >>> images = torch.randint(0, 256, (4, 28, 28), dtype=torch.uint8)
    >>> tuple(net(images).shape)
    (4, 10)
    >>> torch.allclose(net(images), net(images[:, None].float() / 255), atol=1e-4)
    True
    """
    raise NotImplementedError("q3d: not written yet")


def param_table() -> list[tuple[str, tuple[int, ...], int]]:
    """q3d: the four layers of build_leaky_net for 28 x 28 images, worked out by hand.

    Returns (name, shape of the output without the batch, parameters), channels before rows and columns. A shape with
    one axis may be written n or (n,).

    >>> [row[0] for row in param_table()]
    ['conv1', 'conv2', 'flatten', 'dense']
    """
    return [
        ("conv1", (..., ..., ...), ...),
        ("conv2", (..., ..., ...), ...),
        ("flatten", (...,), ...),
        ("dense", (...,), ...),
    ]


def steps_per_epoch(n: int, batch: int, drop_last: bool = False) -> int:
    """q3e: how many steps one epoch has.

    n: rows, n >= 1; batch: rows of a step, batch >= 1; drop_last: whether a rest that does not fill a batch is left
    out. Returns an int.

    >>> steps_per_epoch(10, 4), steps_per_epoch(10, 4, drop_last=True)
    (3, 2)
    """
    raise NotImplementedError("q3e: not written yet")


def alpha_one() -> AlphaOne:
    """q3f: why the network with alpha = 1 stays near chance on images and inverted copies, and how far it can get.

    cause: "linear_too_weak", a linear network cannot tell digits apart; "inverted_pairs_cancel", what it may say of an
    image fixes what it must say of the copy; "lr", the learning rate is unsuitable; "init", the first weights are.
    best_loss, best_acc: as the statement says, for all training images with their copies.

    >>> sorted(alpha_one())
    ['best_acc', 'best_loss', 'cause']
    """
    return {
        "cause": ...,  # "linear_too_weak", "inverted_pairs_cancel", "lr", "init"
        "best_loss": ...,
        "best_acc": ...,
    }


def affine_sum(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> np.ndarray:
    """q3f: what f makes of images plus what it makes of their inverted copies.

    f: a network or function on batches of float32 images; x: such a batch (N, 1, H, W) in [0, 1]. Returns f(x) +
    f(1 - x) as an array of the shape of f(x), without gradients.

    >>> np.allclose(affine_sum(lambda x: x**2, torch.tensor([0.3, 0.5])), [0.58, 0.5])
    True
    """
    raise NotImplementedError("q3f: not written yet")


def train_alpha(net: nn.Module, X: torch.Tensor, y: torch.Tensor, seed: int) -> list[float]:
    """q3g: train `net` in place and return the mean loss of every epoch.

    net: a network from build_leaky_net or build_prelu_net; X: (n, 28, 28) uint8, mostly images with their inverted
    copies, and y: (n,) int64 from 0 to 9, both tensors on the device to be used; seed: fixes everything random here.
    How long it trains is its own decision; three to five epochs are enough for a few thousand rows as for 120,000, and
    two minutes on one CPU core are meant. Only the network's parameters and buffers are carried from the training to
    the measurement.

    >>> X, y = torch.randint(0, 256, (64, 28, 28), dtype=torch.uint8), torch.arange(64) % 10
    >>> losses = train_alpha(build_leaky_net(0.1), X, y, seed=1)
    >>> all(isinstance(loss, float) for loss in losses)
    True
    """
    raise NotImplementedError("q3g: not written yet")


def compare_alphas(accuracies: dict[str, float]) -> dict:
    """q3g: the best alpha of a table, and those near chance.

    accuracies: an accuracy in [0, 1] for each alpha, which is a number written as text; no two are equally good.
    Returns {"best": a float, "chance": a list of floats, ascending}; near chance is an accuracy of at most 0.35.

    >>> compare_alphas({"-2": 0.91, "0.1": 0.25, "3": 0.35})
    {'best': -2.0, 'chance': [0.1, 3.0]}
    """
    raise NotImplementedError("q3g: not written yet")


def prelu_param_counts() -> dict[str, int]:
    """q3h: the parameters of the whole network with PReLUs in place of leaky ReLUs, counted in three ways.

    shared: one PReLU object with an alpha a channel serves both places; separate: two such objects; per_pixel: two
    objects with an alpha for each entry of their map.

    >>> counts = prelu_param_counts()
    >>> counts["shared"] < counts["separate"] < counts["per_pixel"]
    True
    """
    return {
        "shared": ...,
        "separate": ...,
        "per_pixel": ...,
    }


def build_prelu_net(shared: bool) -> nn.Module:
    """q3h: a fresh network of the table with nn.PReLU layers of an alpha a channel in place of the leaky ReLUs.

    shared: whether one PReLU object stands in both places. Takes and returns what build_leaky_net does.

    >>> net = build_prelu_net(shared=True)
    >>> tuple(net(torch.randint(0, 256, (4, 28, 28), dtype=torch.uint8)).shape)
    (4, 10)
    """
    raise NotImplementedError("q3h: not written yet")


def nearest_alpha(alphas: list[float], grid: list[float]) -> list[float]:
    """q3i: for each alpha the nearest value of the grid.

    alphas: any numbers; grid: at least one number, in any order. Returns a list as long as alphas, of values of grid.

    >>> nearest_alpha([0.7, 2.9, -5.0], [0, 1, 4])
    [1, 4, 0]
    """
    raise NotImplementedError("q3i: not written yet")
