"""See what the first weights of a network decide before the first step of training is taken.

Two units that begin alike and are treated alike stay alike, however long they train; and a signal that every layer
makes a little smaller or larger has no size left to speak of after twenty layers. Both dangers come from the initial
weights, and both go away with one well chosen distribution.

## Symmetry (q2a, q2b)

A layer with `d` inputs and `h` units has weights `W`, shape `(h, d)`, one row a unit, as in `nn.Linear(d, h)`. How far
its units are from being copies of one another is measured by the *spread*

    spread(W) = max over i of |w_i - m|,   m = (w_1 + ... + w_h) / h,   |v| = sqrt(v_1^2 + ... + v_d^2).

It is zero exactly if all rows are the same.

## Xavier's distribution (q2b, q2c)

Glorot and Bengio ask for weights with mean 0 and the variance `2 / (fan_in + fan_out)`, where `fan_in = d` is the
number of inputs of the layer and `fan_out = h` the number of its units. They may be uniform between `-limit` and
`limit`, or normal; the variance is the same in both cases, and a uniform distribution on `(-a, a)` has the variance
`a^2 / 3`. No further factor for an activation function is meant.

## Depth (q2d)

Rows `x`, shape `(512, width)`, go through `depth` layers without bias and without activation, each of which multiplies
by its own weights, shape `(width, width)`, with mean 0 and standard deviation `std`. An output is a sum of `width`
products of independent numbers, so you can foretell what one layer does to the size of its signal.

## A worked example

`W = [[1, 2], [3, 2], [2, -1]]` has the mean row `m = (2, 1)`. Its rows lie `sqrt(2)`, `sqrt(2)` and `2` away from it,
so the spread is 2. A layer with 3 inputs and 21 units asks for the variance `2 / 24`: a standard deviation of 0.2887
for normal weights, and the limit 0.5 for uniform ones, since `0.5^2 / 3 = 2 / 24`.

## What to return

`init_outcomes()` is answered in words from the lists given there. `init_layer_` changes the layer that it is given and
returns nothing; `hidden_spread`, `xavier_limits` and `activation_std` return numbers.

## What earns the points

In the words, a wrong one takes back what a right one earned. The two functions of q2b count equally. We look at the
weights that your `init_layer_` draws for twenty seeds, normal or uniform, and whether they come from `rng` alone, and
we train a small tanh network from them. Spreads and limits must be right to 1e-6; `activation_std` is compared with
what the theory foretells, within a factor of two (for one layer within a tenth), and must give the same number for the
same seed and another one for another seed. A slip that we recognise keeps part of the points and is named.

## References

- X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010.
- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, section 8.4.
"""

from typing import Literal, TypedDict

import torch
from torch import nn

Outcome = Literal["no_learning", "symmetric", "vanishing", "exploding"]
Remedy = Literal["xavier", "he", "ones", "longer_training"]


class Outcomes(TypedDict):
    """What comes of four ways to begin, and a way that avoids it all."""

    zero: Outcome
    constant: Outcome
    too_small: Outcome
    too_large: Outcome
    remedy: Remedy


def init_outcomes() -> Outcomes:
    """q2a: what happens after each of four initialisations, and what to do instead.

    Networks of dense layers with tanh units, one or more hidden layers, biases 0 at the start, trained by gradient
    descent on the cross-entropy.

    zero: all weights are 0. constant: all weights are the same number, and it is not 0. too_small, too_large: weights
    are drawn independently with mean 0, in a net of twenty layers, with a standard deviation far below or far above the
    well chosen one; say what becomes of the signal on its way through the layers, before any tanh saturates.
    remedy: the initialisation that avoids all four.

    The words: "no_learning": every weight gets a gradient of exactly zero and stays where it is, whatever the data.
    "symmetric": the units of a hidden layer begin as copies of one another and remain copies. "vanishing": the signal
    shrinks from layer to layer until nothing of it is left. "exploding": it grows from layer to layer beyond all
    bounds. "ones": all weights are 1. "longer_training": any start will do if only one trains long enough. "xavier",
    "he": random weights with a variance that follows from the layer's size. Where two words fit, either is right.

    >>> sorted(init_outcomes())
    ['constant', 'remedy', 'too_large', 'too_small', 'zero']
    """
    return {
        "zero": ...,  # "no_learning", "symmetric", "vanishing", "exploding"
        "constant": ...,  # "no_learning", "symmetric", "vanishing", "exploding"
        "too_small": ...,  # "no_learning", "symmetric", "vanishing", "exploding"
        "too_large": ...,  # "no_learning", "symmetric", "vanishing", "exploding"
        "remedy": ...,  # "xavier", "he", "ones", "longer_training"
    }


def init_layer_(layer: nn.Linear, scheme: str, rng: torch.Generator) -> None:
    """q2b: give a dense layer its first weights, in place.

    layer: an nn.Linear with a bias; its weights have the shape (fan_out, fan_in). scheme: "zero" (every weight 0),
    "constant" (every weight 0.5) or "xavier" (see the statement; uniform or normal). Every bias becomes 0. All random
    numbers are drawn from `rng`, and torch's global generator is neither used nor seeded. The weights remain
    parameters that can be trained. Returns None.

    >>> layer = nn.Linear(3, 2)
    >>> init_layer_(layer, "constant", torch.Generator().manual_seed(0))
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], [0.0, 0.0])
    """
    raise NotImplementedError("q2b: not written yet")


def hidden_spread(W: torch.Tensor) -> float:
    """q2b: how far the units of a layer are from being copies of one another.

    W: (h, d), one row a unit; it may be the weight of a layer, which wants a gradient. Returns spread(W) of the
    statement, a float.

    >>> round(hidden_spread(torch.tensor([[1.0, 2.0], [3.0, 2.0], [2.0, -1.0]])), 6)
    2.0
    >>> hidden_spread(nn.Linear(4, 8).weight) > 0
    True
    """
    raise NotImplementedError("q2b: not written yet")


def xavier_limits(fan_in: int, fan_out: int) -> tuple[float, float]:
    """q2c: the numbers that Xavier's two distributions need.

    fan_in, fan_out >= 1. Returns (uniform_limit, normal_std): the weights are uniform on (-uniform_limit,
    uniform_limit), or normal with this standard deviation.

    >>> limit, std = xavier_limits(3, 21)
    >>> round(limit, 4), round(std, 4)
    (0.5, 0.2887)
    """
    raise NotImplementedError("q2c: not written yet")


def activation_std(depth: int, width: int, std: float, seed: int) -> float:
    """q2d: the size of the signal behind many linear layers, measured.

    Draw a batch of 512 rows of standard normal numbers, shape (512, width). Send it through `depth` >= 1 layers, each
    of which multiplies by a (width, width) matrix of its own, drawn from the normal distribution with mean 0 and
    standard deviation `std`; no bias, no activation. Return the standard deviation of all 512 * width numbers behind
    the last layer, a float (divided by n or by n - 1: either). All random numbers come from `seed`, by numpy or torch.

    >>> 0.9 < activation_std(1, 100, 0.1, 0) < 1.1
    True
    >>> activation_std(3, 50, 0.1, 7) == activation_std(3, 50, 0.1, 7)
    True
    """
    raise NotImplementedError("q2d: not written yet")
