"""Write the losses of classifiers together with the gradients that they send back.

A network never sees its loss, it only feels the gradient. Two losses with the same minimum can push very differently on
the way to it, and one that is right on paper can turn into nan at the first large logit.

## Cross-entropy (q4a)

`logits` has the shape `(N, C)`, `y` the shape `(N,)` with labels from 0 to C - 1. With

    p[n, j] = exp(logits[n, j]) / (sum over i of exp(logits[n, i]))

the loss is the mean over the N rows of `-log p[n, y[n]]`, in natural logarithms. `dlogits`, shape `(N, C)`, is the
gradient of this mean. Only differences of logits matter: the same number added to a whole row changes nothing. Nothing
is clipped: if a row prefers a wrong class by 10,000, its loss is 10,000.

## The margin loss (q4b)

With the scores `s`, shape `(N, C)`, the loss of a row counts how far every *other* class comes too close to the right
one; it is zero if all of them stay behind by at least the margin:

    loss = (1 / N) * sum over n, sum over j != y[n] of max(0, s[n, j] - s[n, y[n]] + margin)

This is the loss of a linear support vector machine for several classes (Weston and Watkins). Where the argument of a
`max` is exactly zero there are two derivatives, one from either side; either is right, and so is a half, as long as it
is the same one everywhere.

## One sigmoid output (q4c)

For one logit `z`, the label `y` (0 or 1) and `p = 1 / (1 + exp(-z))` there are two losses, `(p - y)^2`, without a half,
and `-y log p - (1 - y) log(1 - p)`. What reaches the network are their derivatives with respect to the logit, not with
respect to `p`.

## A worked example

- One row with the logits `(log 2, log 2, log 4)` has `p = (1/4, 1/4, 1/2)`. With the label 2 the loss is
  `log 2 = 0.6931`, and the gradient is `(1/4, 1/4, -1/2)`.
- One row with the scores `(2, 1, 2.5)`, the label 0 and margin 1: class 1 stays behind by exactly the margin and adds
  0, class 2 adds `2.5 - 2 + 1 = 1.5`. The loss is 1.5.

## What to return

`softmax_ce` and `multiclass_hinge` return the pair of the loss, a float, and its gradient, an array like the first
argument. `logit_grads` returns a pair of floats. `loss_choice()` is a form: fill in the cells.

## What earns the points

Loss and gradient count apart, and in q4a huge logits count once more. Everything is compared to 1e-6 with automatic
differentiation and with plain loops on sizes that we draw. The two cells of q4c count equally. In the form a wrong cell
takes back what a right one earned. A slip that we recognise keeps part of the points.

## References

- P. Golik, P. Doetsch, H. Ney: *Cross-entropy vs. squared error training: a theoretical and experimental comparison*,
  Interspeech 2013.
- J. Weston, C. Watkins: *Support vector machines for multi-class pattern recognition*, ESANN 1999.
"""

from typing import Literal, TypedDict

import numpy as np

Loss = Literal["cross_entropy", "mse", "margin"]


class Match(TypedDict):
    """Which loss goes with which task or view."""

    classification: Loss
    regression: Loss
    gaussian_target_mle: Loss
    softmax_mle: Loss
    third_option: Loss
    mse_with_sigmoid_recommended: bool


def softmax_ce(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """q4a: the cross-entropy of a batch and its gradient with respect to the logits.

    logits: (N, C) float64, N >= 1, C >= 2, each between -1e4 and 1e4; y: (N,) int64. Returns (loss, dlogits), a float
    and an array (N, C) float64, finite for all such logits.

    >>> loss, dlogits = softmax_ce(np.log([[2.0, 2.0, 4.0]]), np.array([2]))
    >>> round(float(loss), 4), np.round(dlogits, 4).tolist()
    (0.6931, [[0.25, 0.25, -0.5]])
    """
    raise NotImplementedError("q4a: not written yet")


def multiclass_hinge(scores: np.ndarray, y: np.ndarray, margin: float = 1.0) -> tuple[float, np.ndarray]:
    """q4b: the margin loss of a batch and its gradient with respect to the scores.

    scores: (N, C) float64, N >= 1, C >= 2; y: (N,) int64; margin > 0. Returns (loss, dscores), a float and an array
    (N, C) float64.

    >>> loss, dscores = multiclass_hinge(np.array([[2.0, 1.0, 2.5]]), np.array([0]))
    >>> float(loss)
    1.5

    A row whose right class is far ahead is left in peace:

    >>> loss, dscores = multiclass_hinge(np.array([[9.0, 1.0, 2.5]]), np.array([0]), margin=2.0)
    >>> float(loss), bool((dscores == 0).all())
    (0.0, True)
    """
    raise NotImplementedError("q4b: not written yet")


def logit_grads(z: float, y: int) -> tuple[float, float]:
    """q4c: the derivatives of both losses of one sigmoid output with respect to its logit.

    z: between -30 and 30; y: 0 or 1. Returns (g_mse, g_bce), two floats, right to 1e-6 over this whole range (float32
    is too coarse at its ends, where p is no longer told from 0 or 1).

    >>> g_mse, g_bce = logit_grads(0.0, 0)
    >>> g_mse > 0 and g_bce > 0
    True
    """
    raise NotImplementedError("q4c: not written yet")


def loss_choice() -> Match:
    """q4.choice: which of three losses belongs where.

    classification: the usual loss behind softmax outputs for one of C classes.
    regression: the usual loss behind a linear output for a real target.
    gaussian_target_mle: the loss that maximum likelihood leads to if the target is the output plus Gaussian noise of
    fixed variance.
    softmax_mle: the loss that maximum likelihood leads to if the label is drawn with the softmax probabilities.
    third_option: the loss that only asks the right score to be ahead by a distance, as a linear support vector machine
    does, and knows no probabilities.
    mse_with_sigmoid_recommended: whether one should train a classifier with the squared error behind a sigmoid, when
    both losses of q4c are to be had.

    >>> sorted(loss_choice())[:3]
    ['classification', 'gaussian_target_mle', 'mse_with_sigmoid_recommended']
    """
    return {
        "classification": ...,  # "cross_entropy", "mse", "margin"
        "regression": ...,  # "cross_entropy", "mse", "margin"
        "gaussian_target_mle": ...,  # "cross_entropy", "mse", "margin"
        "softmax_mle": ...,  # "cross_entropy", "mse", "margin"
        "third_option": ...,  # "cross_entropy", "mse", "margin"
        "mse_with_sigmoid_recommended": ...,  # True or False
    }
