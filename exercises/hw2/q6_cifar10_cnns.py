"""Build three small networks for CIFAR-10, train them, and read what they confuse.

One number, the accuracy, hides what a network has learnt: two networks with equal accuracy can fail on different
classes. Three networks that differ in one thing each, and a confusion matrix read with care, show what a change was
worth.

## The three networks

All of them map images `(N, 3, 32, 32)` to logits `(N, 10)`. No convolution is padded, every stride is 1, every pooling
is a max pooling over 2 x 2 with stride 2 that drops what does not fill a window, and every convolution and every dense
layer has a bias.

| network | first block | second block | flattened, then |
|---|---|---|---|
| model 1 | convolution 3 to 6, 5 x 5; ReLU; pooling | convolution 6 to 16, 5 x 5; ReLU; pooling | dense head |
| model 2 | as model 1, batch-normalised | as model 1, batch-normalised | dense head |
| model 3 | convolution 3 to 30, 3 x 3; ReLU; pooling | convolution 30 to 30, 3 x 3; ReLU; pooling | deep head |

In model 2 one `nn.BatchNorm2d` with torch's own settings follows each convolution; whether it stands before or after
ReLU and pooling is up to you. Models 1 and 3 have none.

Along one axis an unpadded convolution with kernel `k` leaves `n - k + 1` of `n` entries, and the pooling `n // 2` of
`n`. So 20 x 20 pixels become 18, 9, 7 and 3 under two blocks of 3 x 3 filters, and 4 maps of 3 x 3 are flattened to 36
numbers. A convolution has `c_out * (c_in * k * k + 1)` parameters, a dense layer `out * (in + 1)`, a batch
normalisation 2 a channel: a convolution from 2 to 4 channels with 3 x 3 filters has 76, normalised 84.

**The head** is made of `nn.Linear` layers. The first takes the flattened maps, the last gives the 10 logits, and the
ones before the last are called hidden. Their number and widths are yours; the deep head of model 3 has at least three
hidden layers. An activation function without parameters stands after each hidden layer; behind a hidden layer, dropout
and `nn.BatchNorm1d` may be added. Nothing follows the last dense layer: no ReLU, no softmax, for the cross-entropy of
PyTorch takes logits.

**The input** comes as uint8 from 0 to 255 or as float32 in [0, 1]. The network itself divides integers by 255 and takes
floats as they are, so both give the same logits; after that it may shift and scale by fixed numbers. Convolutions are
`nn.Conv2d`; ReLU, pooling and flattening may be layers or calls in `forward`. All layers have their sizes when the
network is returned (no lazy ones).

## Batch normalisation by hand

For `x`, shape `(N, D)`, each column is normalised by its own mean and its own variance over the N rows, then scaled and
shifted:

    y = gamma * (x - mean) / sqrt(variance + eps) + beta

The variance is the biased one, the mean square deviation (divided by N). The column `[0, 4]` has mean 2 and variance 4;
with `eps = 0`, `gamma = 3`, `beta = 1` it becomes `[-2, 4]`. A batch of one row becomes `beta`.

## Reading a confusion matrix

`cm[i, j]` counts the images of class i that were named class j: rows are true, columns are predicted. For class k

    precision = cm[k, k] / sum of column k      recall = cm[k, k] / sum of row k
    f1 = 2 * precision * recall / (precision + recall)

and where a denominator is 0 the value is 0. The macro values are the plain means over the classes; the macro f1 is the
mean of the f1 values. The accuracy is the share of all images on the diagonal. For `[[3, 1], [2, 4]]` the precisions
are 0.6 and 0.8, the recalls 0.75 and 2/3, and the accuracy is 0.7.

How much two classes are confused with each other is `cm[i, j] + cm[j, i]`, i and j different: 3 in this matrix.

## What to return

`build_model1`, `build_model2` and `build_model3` return fresh networks, `train_cifar` trains any of them in place.
`batch_norm_1d` returns an array, `report_from_cm` a dict, `most_confused` a list of tuples.

## What earns the points

For the networks: what reaches the first dense layer, compared with torch's own functions under your weights; the number
of parameters; the head; the logits. In model 2 also how training and evaluation differ. The functions are compared on
drawn arrays, one row, one class, and classes that are never named among them.

For the training the grader draws the seed, trains each model with your `train_cifar` and lets it label images that your
code never sees, one point a model. On the whole of CIFAR-10 the bars are 58, 61 and 66 %, and five epochs are meant. On
the practice subset, 4,000 images, they are 39, 41 and 41 % for photographs and 60 % for generated stand-ins, where a
linear model reaches 31 and 21 %; five to ten epochs are enough there if the learning rate suits so few steps.

## References

- Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-based learning applied to document recognition*, Proceedings of
  the IEEE 86(11), 1998: the network after which model 1 is shaped.
- S. Ioffe, C. Szegedy: *Batch normalization: accelerating deep network training by reducing internal covariate shift*,
  arXiv:1502.03167, algorithm 1.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def build_model1() -> nn.Module:
    """q6a: a fresh model 1: two blocks of 6 and 16 filters of 5 x 5, then a dense head of your choice.

    Maps (N, 3, 32, 32), uint8 or float32 in [0, 1], to logits (N, 10). 400 numbers reach the head.

    >>> net = build_model1().eval()
    >>> images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    >>> tuple(net(images).shape)
    (4, 10)
    >>> torch.allclose(net(images), net(images.float() / 255), atol=1e-4)
    True
    """
    raise NotImplementedError("q6a: not written yet")


def build_model2() -> nn.Module:
    """q6b: a fresh model 2: model 1 with one nn.BatchNorm2d after each convolution.

    The convolutions keep their biases. In training mode the batch is normalised by its own statistics; in evaluation
    mode an image gets the same logits whatever else is in the batch.

    >>> net = build_model2().eval()
    >>> images = torch.rand(4, 3, 32, 32)
    >>> tuple(net(images).shape), torch.allclose(net(images)[:1], net(images[:1]), atol=1e-4)
    ((4, 10), True)
    """
    raise NotImplementedError("q6b: not written yet")


def batch_norm_1d(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> np.ndarray:
    """q6b: batch normalisation in training mode, with the batch's own mean and biased variance.

    x: (N, D) float64, N >= 1; gamma, beta: (D,) float64; eps: float > 0. Returns (N, D) float64; x stays as it is. For
    N = 1 each entry is its column's beta.

    >>> batch_norm_1d(np.array([[0.0], [4.0]]), np.array([3.0]), np.array([1.0]), eps=1e-12).round(6).tolist()
    [[-2.0], [4.0]]
    """
    raise NotImplementedError("q6b: not written yet")


def build_model3() -> nn.Module:
    """q6c: a fresh model 3: two blocks of 30 and 30 filters of 3 x 3, then a head with three hidden layers or more.

    Maps (N, 3, 32, 32), uint8 or float32 in [0, 1], to logits (N, 10). 1080 numbers reach the head.

    >>> net = build_model3().eval()
    >>> images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    >>> tuple(net(images).shape)
    (4, 10)
    >>> torch.allclose(net(images), net(images.float() / 255), atol=1e-4)
    True
    """
    raise NotImplementedError("q6c: not written yet")


def report_from_cm(cm: np.ndarray) -> dict:
    """q6d: precision, recall and f1 of each class, accuracy and macro means, from a confusion matrix.

    cm: (K, K) array of counts, int64, K >= 1, rows true, columns predicted, at least one entry positive; it stays as it
    is. Returns {"precision": K numbers, "recall": K numbers, "f1": K numbers, "accuracy": a float, "macro":
    {"precision": a float, "recall": a float, "f1": a float}}. Where a denominator is 0 the value is 0, never NaN.

    >>> report = report_from_cm(np.array([[3, 1], [2, 4]]))
    >>> np.round(report["precision"], 6).tolist(), round(float(report["accuracy"]), 6)
    ([0.6, 0.8], 0.7)
    >>> sorted(report), sorted(report["macro"])
    (['accuracy', 'f1', 'macro', 'precision', 'recall'], ['f1', 'precision', 'recall'])
    """

    raise NotImplementedError("q6d: not written yet")


def most_confused(cm: np.ndarray, names: list[str], k: int) -> list[tuple[str, str, int]]:
    """q6e: the k pairs of classes that are most often taken for each other, the worst pair first.

    cm: (K, K) array of counts, int64, rows true, columns predicted; names: K different strings; k >= 1. Returns tuples
    (one name, the other name, cm[i, j] + cm[j, i]); each unordered pair occurs once, its two names in either order.
    Pairs with equal counts come in any order. If there are fewer than k pairs, all of them are returned, pairs that are
    never confused too.

    >>> most_confused(np.array([[3, 1], [2, 4]]), ["fish", "frog"], 1)[0][2]
    3
    """
    raise NotImplementedError("q6e: not written yet")


def train_cifar(net: nn.Module, X: torch.Tensor, y: torch.Tensor, seed: int) -> list[float]:
    """q6f: train `net` in place and return the mean loss of every epoch.

    net: a network from build_model1, build_model2 or build_model3; X: (n, 3, 32, 32) uint8 and y: (n,) int64 from 0 to
    9, both tensors on the device to be used; seed: fixes everything random here. How long it trains is its own
    decision, and it can look at len(X): five epochs on all 50,000 images, a few minutes a model on one CPU core, five
    to ten on a subset. Only the network's parameters and buffers are carried from the training to the measurement.

    >>> X, y = torch.randint(0, 256, (64, 3, 32, 32), dtype=torch.uint8), torch.arange(64) % 10
    >>> losses = train_cifar(build_model1(), X, y, seed=1)
    >>> all(isinstance(loss, float) for loss in losses)
    True
    """
    raise NotImplementedError("q6f: not written yet")
