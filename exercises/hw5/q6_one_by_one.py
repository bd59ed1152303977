"""Take the 1x1 filter apart: what it computes, where it is used, and when it pays.

A filter of one pixel looks like a mistake: it sees no neighbourhood at all. Yet it is in almost every large network
since 2014, because what it does see, all channels of one pixel, is where most of the numbers are.

## The layer

A 1x1 convolution has weights `w`, shape `(O, C, 1, 1)` or simply `(O, C)`, and biases `b`, shape `(O,)`. From `x`,
shape `(N, C, H, W)`, it computes

    y[n, o, i, j] = b[o] + sum over c of w[o, c] * x[n, c, i, j]

at every pixel `(i, j)`, with the same `w` and `b` everywhere. Put before a larger filter to leave it less work, it is
called a *bottleneck*.

## A worked example

One pixel with the channels `(2, -1, 3)` and two filters, `(1, 1, 0)` with bias 0 and `(0, 2, 1)` with bias 5, becomes a
pixel with two channels, `(1, 6)`.

What it saves is counted in multiply-adds, one for every weight at every output pixel; biases are not counted. A 3x3
filter with padding from 64 to 64 channels on a 10 x 10 map takes `64 * 64 * 9 * 100 = 3,686,400` of them. With a 1x1
layer to 8 channels before it, it takes `(64 * 8 + 8 * 64 * 9) * 100 = 512,000`: the saving is 7.2.

## What to return

`one_by_one_facts()` and `used_in()` are answered in words from the lists given there; `conv1x1` and `conv1x1_demo`
return tensors, `bottleneck_saving` a float.

## What earns the points

In the facts a wrong word takes back what a right one earned. `conv1x1` is compared on many shapes, and calling a
convolution in it earns nothing, for it is the convolution that is asked. `conv1x1_demo` must run as it stands; the
shape, the ReLU and the number of trainable weights count separately.

## References

- M. Lin, Q. Chen, S. Yan: *Network in Network*, arXiv:1312.4400.
- C. Szegedy et al.: *Going Deeper with Convolutions*, CVPR 2015, arXiv:1409.4842.
"""

from typing import Literal, TypedDict

import torch

Part = Literal["channels", "spatial size", "both", "neither"]
Mix = Literal["linear combination of channels", "maximum over channels", "mean over neighbours"]


class Facts(TypedDict):
    """The three facts that q6a asks for, each in one of the words allowed."""

    reduces: Part
    keeps: Part
    output_is: Mix


def one_by_one_facts() -> Facts:
    """q6a: what a 1x1 layer does to its input, stride 1 and no padding.

    reduces: what gets smaller when the layer has fewer filters than its input has channels; keeps: what stays as it is
    whatever the number of filters; output_is: what one output value is, before the bias.

    >>> answer = one_by_one_facts()
    >>> bool(" ".join(answer[name] for name in ("reduces", "keeps", "output_is")))
    True
    """
    return {
        "reduces": ...,  # "channels", "spatial size", "both", "neither"
        "keeps": ...,  # "channels", "spatial size", "both", "neither"
        "output_is": ...,  # "linear combination of channels", "maximum over channels", "mean over neighbours"
    }


def conv1x1(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """q6b: a 1x1 convolution written as a matrix product, without any convolution of torch's.

    x: (N, C, H, W); w: (O, C); b: (O,); all float32. Returns (N, O, H, W) float32. H and W need not be equal. Neither
    torch.nn.Conv2d nor any conv function of torch may be called, in your own helpers neither.

    >>> x = torch.tensor([2.0, -1.0, 3.0]).reshape(1, 3, 1, 1)
    >>> y = conv1x1(x, torch.tensor([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]]), torch.tensor([0.0, 5.0]))
    >>> tuple(y.shape), y.flatten().tolist()
    ((1, 2, 1, 1), [1.0, 6.0])
    """
    raise NotImplementedError("q6b: not written yet")


def used_in() -> list[str]:
    """q6t: models that use 1x1 filters, at least two of them.

    Returns a list of words from "resnet", "inception", "squeezenet", "mobilenet", "vgg16", "lenet5". A model belongs
    in it if the network that the name stands for, in its usual form (the deep ResNets, VGG-16 as in its configuration
    D), has 1x1 convolutions.

    >>> set(used_in()) <= {"resnet", "inception", "squeezenet", "mobilenet", "vgg16", "lenet5"}
    True
    """
    raise NotImplementedError("q6t: not written yet")


def bottleneck_saving(cin: int, mid: int, cout: int, k: int, h: int, w: int) -> float:
    """q6th: how many times fewer multiply-adds a k x k layer takes with a 1x1 bottleneck before it.

    Compared are `cin -> cout` with a k x k filter, and `cin -> mid` with a 1x1 filter followed by `mid -> cout` with
    the k x k filter; stride 1, padding so that every map stays h x w, biases not counted. Returns multiply-adds without
    the bottleneck divided by multiply-adds with it: above 1 it pays, below 1 it does not.

    >>> round(bottleneck_saving(64, 8, 64, 3, 10, 10), 6)
    7.2
    """
    raise NotImplementedError("q6th: not written yet")


def conv1x1_demo(x: torch.Tensor, num_filters: int = 32) -> torch.Tensor:
    """q6j: a new 1x1 layer for this input, applied to it, with a ReLU after it.

    x: (N, C, H, W) float32. The function makes a layer of `num_filters` filters of one pixel, with biases and the usual
    random start, and returns ReLU(layer(x)), shape (N, num_filters, H, W), float32. The result keeps its graph (no
    `torch.no_grad`), so that the trainable weights behind it can be counted. It must run as it stands: everything that
    it needs comes from `x` and `num_filters`.

    >>> y = conv1x1_demo(torch.rand(2, 3, 4, 5), 7)
    >>> tuple(y.shape), bool((y >= 0).all())
    ((2, 7, 4, 5), True)
    """
    raise NotImplementedError("q6j: not written yet")
