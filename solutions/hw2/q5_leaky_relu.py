"""Compare ReLU with Leaky ReLU: by formula, by a table of results, and by the units that never wake up.

A ReLU unit whose input is negative for every row gets no gradient and may stay silent for good; a leaky one goes on
learning. Whether that helps is a question for experiments, and these have to be read with care.

## The function (q5a)

Leaky ReLU is a straight line of slope 1 to the right of zero and another one of slope `m` to the left, with
`0 < m < 1`; both pass through the origin.

## A table of results (q5b)

The same network is trained once with each function. A cell of the table holds two differences, ReLU less Leaky ReLU:
one of the accuracies and one of the losses. Higher accuracy is better, lower loss is better. A function wins the cell
if both differences speak for it; if they contradict each other, or if one of them is zero, the cell is a tie.

## Dead units (q5c)

A layer has weights `W`, shape `(d, h)`, one column a unit, and biases `b`, shape `(h,)`. For the rows `X`, shape
`(N, d)`, the pre-activations are `Z = X W + b`, shape `(N, h)`, and ReLU gives `max(0, Z)`. A unit is *dead* on these
rows if its pre-activation is zero or less for every one of them. Its output is then zero everywhere, and no gradient
reaches its weights. A unit that answers zero to some rows only is alive: that is how ReLU is meant to work.

## A worked example

- `(+0.3, -0.1)`: ReLU is 0.3 more accurate, and its loss is 0.1 lower, so `"relu"` wins. `(-0.3, -0.1)` is a `"tie"`.
- `X = [[1, 0], [0, 2]]`, `W = [[-1, 3, 0, -2], [-1, -4, 0, -3]]` and `b = (0, 0, 0, 5)` give
  `Z = [[-1, 3, 0, 3], [-2, -8, 0, -1]]`. The first unit is dead, and so is the third; the second and the fourth are
  each awake for the first row. Two of four: 0.5.

## What to return

`leaky_relu_expr` returns a formula as text, `winner_table` a list of words, `dead_fraction` a float.

## What earns the points

The formula counts as a function: any form of it is right, as long as it is built from simpler functions than
`leaky_relu` itself. The table is tried on twenty drawn tables as well. The share of dead units is compared with a count
unit by unit, on layers with biases from 0 to -10, on single rows and units, and once more where pre-activations are
exactly zero. A slip that we recognise keeps part of the points.

## References

- A. L. Maas, A. Y. Hannun, A. Y. Ng: *Rectifier Nonlinearities Improve Neural Network Acoustic Models*, ICML 2013
  workshop on deep learning for audio, speech and language processing.
- L. Lu, Y. Shin, Y. Su, G. E. Karniadakis: *Dying ReLU and Initialization: Theory and Numerical Examples*,
  arXiv:1903.06733.
"""

import numpy as np


def leaky_relu_expr() -> str:
    """q5a: Leaky ReLU as a formula in x and m.

    Returns text such as "exp(-m*x) + |x|" (or a sympy expression). x is real and 0 < m < 1; the names x and m are the
    only ones allowed. Known functions are, among others, max, min, abs, sign, relu, exp, and Piecewise((a, x > 0),
    (b, True)), which is a where x > 0 and b elsewhere. leaky_relu itself is not allowed. What the formula says at x = 0
    is not looked at.

    >>> "x" in str(leaky_relu_expr()) and "m" in str(leaky_relu_expr())
    True
    """
    # BEGIN SOLUTION
    return "max(x, m*x)"
    # END SOLUTION


def winner_table(diffs: list[tuple[float, float]]) -> list[str]:
    """q5b: who wins each cell of a table of results.

    diffs: pairs (accuracy of ReLU - accuracy of Leaky ReLU, loss of ReLU - loss of Leaky ReLU), any number of them.
    Returns a list as long, of the words "relu", "lrelu" and "tie".

    >>> winner_table([(0.3, -0.1), (-0.3, -0.1)])
    ['relu', 'tie']
    >>> winner_table([])
    []
    """
    # BEGIN SOLUTION
    return ["relu" if a > 0 > b else "lrelu" if a < 0 < b else "tie" for a, b in diffs]
    # END SOLUTION


def dead_fraction(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> float:
    """q5c: the share of units that are dead on these rows.

    X: (N, d); W: (d, h); b: (h,); all float64, N, d, h >= 1. Returns dead units divided by h, a float.

    >>> X, W = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[-1.0, 3.0, 0.0, -2.0], [-1.0, -4.0, 0.0, -3.0]])
    >>> float(dead_fraction(X, W, np.array([0.0, 0.0, 0.0, 5.0])))
    0.5
    """
    # BEGIN SOLUTION
    return float(np.mean((X @ W + b <= 0).all(axis=0)))
    # END SOLUTION
