"""Predict the price range of a phone from its data sheet: head, size and scaling of a small network, then its training.

Tables are where most networks are put to work, and two slips spoil them again and again: a head that does not fit the
column to be predicted, and numbers that have seen the test rows before the test.

## The table

Each of 2,000 phones has 20 numbers: battery power in mAh, clock speed in GHz, RAM in MB, pixels of the screen, whether
there is Wi-Fi, ... The column to be predicted is `price_range`: 0 is low cost, 1 medium, 2 high and 3 very high.

## The network

An MLP with the sizes `[s0, s1, ..., sk]` has a dense layer with biases from each size to the next. A dense layer from
`a` to `b` numbers has `a * b + b` parameters: an MLP `[5, 3, 2]` has `(15 + 3) + (6 + 2) = 26`.

## Standardising

RAM counts in thousands, clock speed in ones. From each column its mean over the rows is subtracted, and the result is
divided by the column's standard deviation:

    z = (x - mean) / std,    std = sqrt(mean((x - mean)^2))

Both are measured on the training rows alone. Test rows are treated with these same two numbers a column; anything that
is measured on test rows leaks into the network what it will be tested on.

For one, a column with the training values 2, 4, 6 has the mean 4 and the standard deviation 1.633; a test value of 10
becomes 3.674.

## What to return

`price_head` is a form in words from the lists beside it. `mlp_params` returns an int. `standardize` returns the two
tables anew, both of their old shapes. `build_price_net` returns a fresh network from 20 raw numbers to 4 logits and
`train_price` trains it in place. Only the network's parameters and buffers are carried from the training to the
measurement, so whatever it must know about the columns has to be among them (`register_buffer`).

## What earns the points

In the form a cell that is wrong takes back what a right one earned, and there is more than one right form; some wrong
ones are recognised. The count is compared with torch for ten lists of sizes. Standardised tables are compared to within
1e-6: training rows, test rows that lie elsewhere than the training rows, and a column that is constant (the same whole
number in all rows of both tables), which becomes 0 in both, not NaN. Dividing by n - 1 instead of n is accepted.
The network is trained twice on 1,600 rows (or on as many made-up ones), in two different orders; what counts is the
worse of its two accuracies on 400 rows that it has never seen, and a part of the points is earned by less.

## References

- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, section 6.2.2: output units.
- S. Kaufman, S. Rosset, C. Perlich: *Leakage in Data Mining*, KDD 2011.
"""

from typing import Literal, TypedDict

import numpy as np
import torch
from torch import nn

Loss = Literal["mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]


class Head(TypedDict):
    """What q4a asks about the output layer."""

    task: Literal["classification", "ordinal", "regression"]
    neurons: int
    activation: Literal["linear", "relu", "sigmoid", "softmax", "logits"]
    loss: Loss


def price_head() -> Head:
    """q4a: a fitting head for `price_range`.

    task: "classification" (one of several labels), "ordinal" (a yes or no for each boundary between neighbouring
    ranges) or "regression" (an amount). neurons: how many outputs. activation: "logits" says that the loss applies the
    fitting activation itself, "linear" that the bare number is the answer.

    >>> sorted(price_head())
    ['activation', 'loss', 'neurons', 'task']
    """
    return {
        "task": ...,  # "classification", "ordinal", "regression"
        "neurons": ...,  # a whole number
        "activation": ...,  # "linear", "relu", "sigmoid", "softmax", "logits"
        # "mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
        "loss": ...,
    }


def mlp_params(sizes: list[int]) -> int:
    """q4b: how many parameters an MLP with these sizes has, biases included.

    sizes: at least two whole numbers, inputs first, outputs last.

    >>> mlp_params([5, 3, 2])
    26
    """
    raise NotImplementedError("q4b: not written yet")


def standardize(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """q4c: both tables, standardised column by column with the mean and the standard deviation of the training rows.

    train: (n, 20), test: (m, 20), float64, n >= 2; both stay as they are. Returns (train2, test2), float64, of the same
    shapes. A column that has one and the same whole number in all rows of both tables becomes 0.

    >>> train, test = standardize(np.array([[2.0, 7.0], [4.0, 7.0], [6.0, 7.0]]), np.array([[10.0, 7.0]]))
    >>> bool(abs(train[:, 0].mean()) < 1e-6), test.shape
    (True, (1, 2))
    """
    raise NotImplementedError("q4c: not written yet")


def build_price_net() -> nn.Module:
    """q4d: a fresh network that maps raw rows (n, 20) float32 to logits (n, 4).

    >>> tuple(build_price_net()(torch.rand(7, 20)).shape)
    (7, 4)
    """
    raise NotImplementedError("q4d: not written yet")


def train_price(net: nn.Module, X: torch.Tensor, y: torch.Tensor, seed: int) -> list[float]:
    """q4d: train `net` in place and return the mean loss of every epoch.

    net: a network from build_price_net; X: (n, 20) float32 raw features, y: (n,) int64 from 0 to 3, tensors on the
    device to be used; seed: fixes everything random here. Half a minute on one core is meant.

    >>> X, y = torch.rand(40, 20), torch.arange(40) % 4
    >>> losses = train_price(build_price_net(), X, y, seed=1)
    >>> all(isinstance(loss, float) for loss in losses)
    True
    """
    raise NotImplementedError("q4d: not written yet")
