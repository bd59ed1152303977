"""Find points on a face: choose a network's head, build it, read one from a finished network, and measure its error.

A trunk that has learnt to see serves many tasks; what it answers is settled by its last layer and by the loss behind
it. Choose those two wrongly, and the best trunk in the world cannot give the answer that was asked for.

## The task

A trunk turns the picture of a face into `in_features` numbers. The head turns these into the places of `n_points`
landmarks: corners of the eyes, tip of the nose, corners of the mouth. A landmark has an x and a y, in pixels measured
from the middle of the picture: to the left of it or above it they are negative, and they may be large.

For a batch of N faces predictions and targets have the shape `(N, 2 * n_points)`; a row is ordered x1, y1, x2, y2, ...

## The loss

The mean Euclidean landmark loss is the mean, over the N faces and the n points of each, of the distance between the
predicted point and the true one:

    L = 1 / (N n) * sum over faces i and points k of sqrt(dx[i, k]^2 + dy[i, k]^2)

## A worked example

One face with two points, predicted at (1, 2) and (0, 0), while the true places are (1, 4) and (8, 6). The distances are
2 and `sqrt(64 + 36) = 10`, so L is 6.

A dense layer from 6 numbers to 3 has `3 * 6 + 3 = 21` parameters: a weight for each pair, a bias for each neuron.

## What to return

`landmark_head(n_points)` fills in a form in words from the list there; an activation that the framework merges into its
loss counts as the head's activation. Whoever scales the targets to the range from 0 to 1 before training adds the entry
`"normalised": True`; without it the targets are the pixels described above. `make_landmark_head` returns the head for
such pixels: one dense layer with biases, and behind it only what may stand between it and targets of that range. All
its layers have their sizes when it is returned (no lazy ones). `read_head` returns a dict of three entries,
`euclidean_landmark_loss` a tensor with a single number (0-d).

## What earns the points

The head is asked for different numbers of points; a cell that is wrong takes back what a right one earned, and a head
made for classes earns nothing. Of the network that you build, shape, number of parameters, independence of the rows,
the range of its outputs and the ability to learn 32 made-up faces count separately. `read_head` is tried on networks
of different size, depth and activation. The loss is compared on batches of many sizes, and its gradient must exist even
where a prediction is exactly right: there the distance has a corner, and an epsilon of up to 1e-6 under the root is
allowed. Values are compared to within 1e-5 where points are half a pixel or more apart, to within 2e-3 where they meet.

## References

- Y. Sun, X. Wang, X. Tang: *Deep Convolutional Network Cascade for Facial Point Detection*, CVPR 2013.
- Z.-H. Feng et al.: *Wing Loss for Robust Facial Landmark Localisation with Convolutional Neural Networks*, CVPR 2018,
  arXiv:1711.06753, section 3.
"""

from typing import Literal, NotRequired, TypedDict

import torch
from torch import nn

Activation = Literal["linear", "relu", "sigmoid", "softmax", "tanh"]
Loss = Literal["mse", "mae", "smooth_l1", "euclidean", "hinge", "cross_entropy", "binary_cross_entropy", "kl"]


class Head(TypedDict):
    """What q2a asks about the output layer."""

    neurons: int
    activation: Activation
    loss: Loss
    normalised: NotRequired[bool]


def landmark_head(n_points: int) -> Head:
    """q2a: a fitting head for `n_points` landmarks: how many output neurons, which activation, which loss.

    Is tried with 5, 68, 76, 1 and other numbers of points. An optional fourth entry, "normalised": True, says that the
    targets are scaled to the range from 0 to 1.

    >>> sorted(landmark_head(5))[:2]
    ['activation', 'loss']
    """
    return {
        "neurons": ...,  # a whole number, worked out from n_points
        "activation": ...,  # "linear", "relu", "sigmoid", "softmax", "tanh"
        # "mse", "mae", "smooth_l1", "euclidean", "hinge", "cross_entropy", "binary_cross_entropy", "kl"
        "loss": ...,
    }


def make_landmark_head(in_features: int, n_points: int) -> nn.Module:
    """q2a.code: the head for `n_points` landmarks, in pixels, on top of a trunk with `in_features` outputs.

    Maps (N, in_features) float32 to (N, 2 * n_points) float32 for any N >= 1, each row by itself; trainable, and with
    no other parameters than those of one dense layer with biases.

    >>> net = make_landmark_head(6, 2)
    >>> isinstance(net, nn.Module), len(net(torch.rand(3, 6)))
    (True, 3)
    """
    raise NotImplementedError("q2a.code: not written yet")


def read_head(net: nn.Module) -> dict[str, object]:
    """q2b: what the head of a finished landmark network looks like.

    net: an nn.Sequential of at least two layers. Its last dense layer (nn.Linear) gives the coordinates; after it comes
    nothing more, or one activation: nn.Sigmoid, nn.Tanh or nn.ReLU. Before it there may be anything, other dense layers
    and activations too. Returns the number of landmarks ("n_points"), of output neurons ("neurons"), both int, and the
    activation of the output ("activation"): "sigmoid", "tanh", "relu", or "linear" if the dense layer is the last.

    >>> head = read_head(nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 14), nn.Tanh()))
    >>> head["activation"]
    'tanh'
    """
    raise NotImplementedError("q2b: not written yet")


def euclidean_landmark_loss(pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """q2b.code: the mean Euclidean landmark loss of a batch, a 0-d tensor that can be differentiated by `pred`.

    pred, target: (N, 2n) of one floating dtype, rows ordered x1, y1, x2, y2, ...; N, n >= 1.

    >>> pred, target = torch.tensor([[1.0, 2.0, 0.0, 0.0]]), torch.tensor([[1.0, 4.0, 8.0, 6.0]])
    >>> round(float(euclidean_landmark_loss(pred, target)), 3)
    6.0
    """
    raise NotImplementedError("q2b.code: not written yet")
