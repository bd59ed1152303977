"""Measure what a convolution keeps, what it does not, and what it saves.

"Convolutions are invariant" is said in every second introduction, and it is not so. What a layer does when the picture
moves or turns can be measured in a few lines, and so can what sharing weights saves and how far a deep unit sees.

## Four quantities

- **Equivariance.** A layer is *equivariant* to a move if moving first and computing then gives the same as computing
  first and moving then; it would be *invariant* if the move left no trace at all. Stacks of convolutions are the
  former; the latter comes from pooling, and only for small moves. At the edge even the former breaks: the window meets
  the padding there, or pixels that a cyclic shift has brought round from the other side.
- **Rotation.** The same comparison with a quarter turn instead of a shift. A filter does not turn with its input.
- **Weight sharing.** A convolution `cin -> cout` with a k x k filter against a dense layer between maps of the same
  two sizes, `(cin, h, w)` and `(cout, h, w)`; both have biases.
- **Receptive field.** How many input pixels, in one direction, one unit of the last layer sees. A layer `(k, stride)`
  looks at k neighbours of the layer below, and neighbours there are as far apart in the picture as the strides of all
  layers below it have pulled them.

## A worked example

Two layers, `(5, 2)` and `(3, 1)`: the first sees 5 pixels, and its outputs lie 2 pixels apart. The second takes 3 of
them, so it adds 2 steps of 2 pixels: `5 + 2 * 2 = 9`. A convolution `2 -> 3` with k = 5 has `2 * 3 * 25 + 3 = 153`
parameters whatever the size of the picture.

## What to return

`shift_error` and `rotation_error` return the largest absolute difference as a float, `conv_vs_dense_params` a pair of
ints, `receptive_field` an int.

## What earns the points

The four functions count equally. The errors are measured on layers that we choose: convolutions with several kinds of
padding, and a dense layer over the columns, which is not equivariant, so an error that is always zero will not do.
Counts and receptive fields are compared on cases that we draw.

## References

- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, section 9.2.
- A. Araujo, W. Norris, J. Sim: *Computing Receptive Fields of Convolutional Neural Networks*, Distill 2019.
"""

import torch
from torch import nn


def shift_error(conv: nn.Module, x: torch.Tensor, dx: int) -> float:
    """q5: how far the layer is from being equivariant to a horizontal shift, away from the edges.

    conv: a module that maps (N, C, H, W) to (N, C', H, W); x: (N, C, H, W) float32; dx: columns to shift by, to the
    right where positive. A shift is `torch.roll` along the last axis. Compare the layer of the shifted input with the
    shifted output of the layer, leave out the outer W // 4 columns on either side, and return the largest absolute
    difference in what remains (for a convolution below 1e-5, the rounding of float32).

    >>> _ = torch.manual_seed(0)
    >>> conv, x = nn.Conv2d(1, 2, 3, padding=1), torch.rand(1, 1, 6, 16)
    >>> shift_error(conv, x, 2) < 1e-5
    True

    A dense layer over the columns treats each column in its own way:

    >>> shift_error(nn.Linear(16, 16), x, 2) > 0.01
    True
    """
    raise NotImplementedError("q5: not written yet")


def rotation_error(conv: nn.Module, x: torch.Tensor) -> float:
    """q5: how far the layer is from being equivariant to a quarter turn.

    conv: a module that maps (N, C, S, S) to (N, C', S, S); x: (N, C, S, S) float32, square. The turn is
    `torch.rot90(x, 1, (2, 3))`. Compare the layer of the turned input with the turned output of the layer, over the
    whole map, and return the largest absolute difference.

    A filter whose entries are all equal looks the same after the turn:

    >>> conv = nn.Conv2d(1, 1, 3, padding=1)
    >>> _ = nn.init.constant_(conv.weight, 0.5)
    >>> rotation_error(conv, torch.rand(1, 1, 8, 8)) < 1e-5
    True
    """
    raise NotImplementedError("q5: not written yet")


def conv_vs_dense_params(cin: int, cout: int, k: int, h: int, w: int) -> tuple[int, int]:
    """q5: parameters of a k x k convolution and of a dense layer between the same maps, biases included in both.

    The maps are (cin, h, w) and (cout, h, w): the dense layer has cin*h*w inputs and cout*h*w outputs.
    Returns (conv, dense).

    >>> conv, dense = conv_vs_dense_params(2, 3, 5, 8, 10)
    >>> conv
    153
    >>> conv < dense
    True
    """
    raise NotImplementedError("q5: not written yet")


def receptive_field(layers: list[tuple[int, int]]) -> int:
    """q5: the side of the square of input pixels that one unit of the last layer sees.

    layers: (k, stride) of each layer, the first layer first. No layer at all sees one pixel.

    >>> receptive_field([])
    1
    >>> receptive_field([(3, 1), (3, 1), (5, 1)])
    9
    """
    raise NotImplementedError("q5: not written yet")
