"""Send a gradient back through one convolution and a global average, by hand and then in code.

Frameworks take this step for you millions of times in one training. Whoever has taken it once by hand knows why the
gradient of a filter is itself a sliding sum, and where a lost factor or a turned filter comes from.

## The layer

- `X` is the input, shape `(H, W)`; `F` is the filter, shape `(a, b)`, with `a <= H` and `b <= W`.
- `O[i, j] = sum over u, v of X[i + u, j + v] * F[u, v]` is the map, shape `(H - a + 1, W - b + 1)`: stride 1, no
  padding, and the filter is laid on as it stands, not turned (cross-correlation, what PyTorch calls a convolution).
- `g` is the mean of all entries of `O` (global average pooling), and the rest of the network sends back
  `upstream = dL/dg`.

Wanted are `dL/dF`, shape `(a, b)`, and `dL/dX`, shape `(H, W)`. Your numbers stand in `GIVEN` below. Note that it is
the gradient `upstream` that is given; the mean `g` itself is whatever comes out.

## A worked example

`X = [[2, 0, 6], [4, 2, -2]]` and `F = [[3, -1]]` give `O = [[6, -6], [10, 8]]` and `g = 4.5`. With `upstream = 1` every
entry of `O` receives one quarter, because four of them share one mean.

- `F[0][0]` was multiplied with 2, 0, 4 and 2, one number a window, so its gradient is `(2 + 0 + 4 + 2) / 4 = 2`.
- `X[0][0]` lies under one window only, at the filter's 3: its gradient is `3 / 4 = 0.75`.
- `X[0][1]` lies under two windows, once at the filter's -1 and once at its 3: `(-1 + 3) / 4 = 0.5`.

## What to return

`grad_filter()` and `grad_input()` return the two gradients for your `GIVEN` as nested lists; fill in the cells.
`conv_gap_backward(X, F)` returns both gradients for any input and filter, with an upstream gradient of 1.

## What earns the points

Every cell of the two hand calculations counts by itself. The general function is tried on many sizes, a filter of one
entry and a filter as large as the input among them. A slip that we recognise keeps part of the points, and you are
told which slip it was.

## References

- V. Dumoulin, F. Visin: *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, sections 2 and 4.
- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, chapter 9.
"""

import numpy as np

GIVEN = {
    "X": [[3, 4, 5], [2, 1, -3], [4, -2, 0]],
    "F": [[2, 0], [-3, 1]],
    "upstream": 1,
}


def grad_filter() -> list[list[float]]:
    """q2.dF: the gradient of L with respect to the filter, worked out by hand for GIVEN.

    Returns dL/dF as a 2 x 2 nested list, row by row. Decimals are right to 1e-6.

    The map is linear in the filter, so the entries of F times their gradients add up to upstream times the mean:

    >>> X, F = np.array(GIVEN["X"]), np.array(GIVEN["F"])
    >>> mean = np.mean([[np.sum(X[i : i + 2, j : j + 2] * F) for j in (0, 1)] for i in (0, 1)])
    >>> answer = np.array(grad_filter(), dtype=float)
    >>> answer.shape
    (2, 2)
    >>> bool(np.isclose(np.sum(F * answer), GIVEN["upstream"] * mean))
    True
    """
    return [
        [..., ...],
        [..., ...],
    ]


def grad_input() -> list[list[float]]:
    """q2.dX: the gradient of L with respect to the input, worked out by hand for GIVEN.

    Returns dL/dX as a 3 x 3 nested list, row by row. Decimals are right to 1e-6.

    Each window hands out the whole filter, so all entries together are upstream times the filter's sum:

    >>> answer = np.array(grad_input(), dtype=float)
    >>> answer.shape
    (3, 3)
    >>> bool(np.isclose(answer.sum(), GIVEN["upstream"] * np.sum(GIVEN["F"])))
    True
    """
    return [
        [..., ..., ...],
        [..., ..., ...],
        [..., ..., ...],
    ]


def conv_gap_backward(X: np.ndarray, F: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """q2.code: both gradients of the mean of the map, for any size.

    X: (H, W) float64; F: (a, b) float64 with 1 <= a <= H and 1 <= b <= W. Returns the pair (dX, dF) of float64 arrays
    shaped like X and F; the upstream gradient is 1. A filter that does not fit into the input is not asked for.

    A filter of one entry meets every pixel once, so its gradient is the mean of the input:

    >>> dX, dF = conv_gap_backward(np.array([[1.0, 2.0, 6.0]]), np.array([[5.0]]))
    >>> bool(np.allclose(dF, [[3.0]]))
    True
    >>> bool(np.allclose(dX, [[5 / 3, 5 / 3, 5 / 3]]))
    True

    A filter as large as the input meets it once, so each is the other's gradient:

    >>> X, F = np.array([[1.0, -2.0], [0.5, 4.0]]), np.array([[3.0, 0.0], [7.0, -1.0]])
    >>> dX, dF = conv_gap_backward(X, F)
    >>> bool(np.allclose(dX, F) and np.allclose(dF, X))
    True
    """
    raise NotImplementedError("q2.code: not written yet")
