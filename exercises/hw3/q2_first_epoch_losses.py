"""Read loss curves: where they begin, what they mean at the end, and when to stop.

Two networks are trained on the same yes-or-no task, one with the mean squared error and one with the binary
cross-entropy, and their curves begin at different heights. Nothing has been learnt at that moment, so the two numbers
can be predicted; the rest of the curve tells whether it is worth going on.

## Two losses (q2a, q2a.code)

A prediction `p` between 0 and 1 is the probability of class 1, and `y` is the target, 0 or 1. Logarithms are natural.

- Squared error of one prediction: `(p - y)^2`.
- Binary cross-entropy of one prediction: `-(y * log(p) + (1 - y) * log(1 - p))`.

For arrays of predictions the loss is the mean over all entries, and its gradient has one entry for each prediction. In
q2a there is one prediction, of an untrained classifier that says `p` of everything.

The cross-entropy has no value at `p = 0` or `p = 1`. So `bce` first clips p into `[eps, 1 - eps]`. At entries that were
clipped the gradient only has to be finite.

## Reading the end of a curve (q2b)

A pair of curves holds the losses of training and validation after each of `n >= 50` epochs, all positive. Curves are
noisy, so ask about means. Take `w = n // 5`. A curve *falls* if the mean of its last 10 values is less than 0.99 times
the mean of the 10 values just before its last `w`. The first of these three that holds is the diagnosis:

1. `"overfit"`: the training curve falls, and the mean of the last 10 validation values is more than 1.02 times the
   smallest value of the whole validation curve;
2. `"still learning"`: both curves fall;
3. `"converged"`: anything else.

## Stopping (q2c)

Epochs are counted from 1. The best epoch so far changes only when the loss is strictly smaller than every one before
it. Training stops right after the epoch that is the `patience`-th in a row without such an improvement. What comes
later is never seen. If that does not happen, the stop is the last epoch.

## A worked example

For `p = 0.25` the squared error at target 1 is `0.75^2 = 0.5625`; the cross-entropy is 1.3863 at target 1 and 0.2877 at
target 0. For the two predictions 0.25 and 0.75 with targets 1 and 0 the mean squared error is 0.5625, and its gradient
is -0.75 and 0.75.

With `n = 60` the last fifth has 12 values, numbers 49 to 60; the 10 before it are numbers 39 to 48, and the last 10 are
numbers 51 to 60.

With the losses 5, 4, 4.5, 4.2, 1 and a patience of 2, the best epoch is 2 and the stop is 4: epochs 3 and 4 did not
improve, and the 1 is never seen.

## What to return

A dict of three numbers, pairs `(loss, gradient)`, one of three words, a pair of epochs; see each docstring.

## What earns the points

In q2a half of the points are for `p = 0.5`, within 0.005, so 0.69 will do for log 2; half are for other p, to four
digits after the point. The losses and gradients are compared with automatic differentiation. Of the curves in q2b half
are clear and half are noisy; a wrong word takes back what a right one earned, so that guessing does not pay. Known
slips keep part of the points and are named.

## References

- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, sections 6.2.2 and 7.8.
- L. Prechelt: *Early Stopping - But When?*, in: Neural Networks: Tricks of the Trade, Springer 1998.
"""

import numpy as np


def initial_losses(p: float = 0.5) -> dict[str, float]:
    """q2a: the losses of one prediction p, strictly between 0 and 1.

    mse: the squared error if the target is 1; bce_y1 and bce_y0: the cross-entropy if the target is 1 and if it is 0.

    >>> losses = initial_losses(0.25)
    >>> [round(float(losses[name]), 2) for name in ("mse", "bce_y1", "bce_y0")]
    [0.56, 1.39, 0.29]
    """
    return {
        "mse": ...,  # a number that depends on p
        "bce_y1": ...,
        "bce_y0": ...,
    }


def mse(p: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """q2a.code: the mean squared error of all entries, and its gradient with respect to p.

    p, y: float64 arrays of the same shape, any number of axes. Returns (loss, dp): a number, and float64 of p's shape.

    >>> loss, dp = mse(np.array([0.25, 0.75]), np.array([1.0, 0.0]))
    >>> bool(np.isclose(loss, 0.5625) and np.allclose(dp, [-0.75, 0.75]))
    True
    """
    raise NotImplementedError("q2a.code: not written yet")


def bce(p: np.ndarray, y: np.ndarray, eps: float = 1e-12) -> tuple[float, np.ndarray]:
    """q2a.code: the mean binary cross-entropy of all entries, and its gradient with respect to p.

    p, y: float64 arrays of the same shape, any number of axes; y is 0 or 1. p is clipped into [eps, 1 - eps] first.
    Returns (loss, dp): a number, and float64 of p's shape; everything is finite, for p = 0 and p = 1 too.

    >>> loss, dp = bce(np.array([0.25, 0.75]), np.array([1.0, 0.0]))
    >>> bool(np.isclose(loss, 2 * np.log(2)) and np.allclose(dp, [-2.0, 2.0]))
    True
    """
    raise NotImplementedError("q2a.code: not written yet")


def diagnose(train: list[float], val: list[float]) -> str:
    """q2b: "overfit", "still learning" or "converged", by the three rules of the statement.

    train, val: the losses after each epoch, equally many, 50 or more.

    >>> falling = [2 - epoch / 500 for epoch in range(100)]
    >>> diagnose(falling, falling)
    'still learning'
    >>> diagnose([1.0] * 60, [1.5] * 60)
    'converged'
    """
    raise NotImplementedError("q2b: not written yet")


def best_epoch(val: list[float], patience: int) -> tuple[int, int]:
    """q2c: the epoch with the best validation loss until the stop, and the epoch after which training stops.

    val: the losses after each epoch, one or more; patience: 1 or more. Returns (best_epoch, stop_epoch), counted from
    1.

    >>> best_epoch([5.0, 4.0, 4.5, 4.2, 1.0], 2)
    (2, 4)
    >>> best_epoch([5.0, 4.0, 4.5, 4.2, 1.0], 3)
    (5, 5)
    """
    raise NotImplementedError("q2c: not written yet")
