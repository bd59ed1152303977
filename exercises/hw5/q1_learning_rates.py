"""Watch gradient descent on functions so small that every step can be predicted.

The learning rate is the number that most often decides whether a training works at all. On a bowl and on a saddle its
effect follows from one line of algebra, and the same line explains most loss curves that you will ever look at.

## The bowl (q1a, q1b)

`f(x) = sum over i of lam_i * x_i^2 / 2` has the curvatures `lam_i > 0`, the eigenvalues of its Hessian. One step of
gradient descent, `x <- x - lr * f'(x)`, treats each coordinate by itself and multiplies it by `1 - lr * lam_i`. After
`t` steps the factor is `(1 - lr * lam_i)^t`: its size says whether the coordinate shrinks, and how fast.

## The saddle (q1p)

At the origin `f(x, y) = x^2 - y^2` has gradient zero; from there it rises along `x` and falls along `y`. Two methods
walk downhill from a start `(x, y)`, without any noise:

- `sgd`: `y <- y - lr * g` with the gradient `g = df/dy`;
- `adam`: `m <- 0.9 m + 0.1 g`, `v <- 0.999 v + 0.001 g^2`, then
  `y <- y - lr * (m / (1 - 0.9^t)) / (sqrt(v / (1 - 0.999^t)) + 1e-8)` in step `t = 1, 2, ...`; `m` and `v` begin at 0.

The coordinate `x` is treated alike. Escaped means `|y| > 1`.

## Smooth and noisy curves (q1t, q1t.auto)

Full-batch descent looks at all rows in every step; mini-batch descent looks at a few and so follows a gradient that is
right only on average. Here both fit a line by least squares: for rows `A`, shape `(n, 5)`, and targets `y`, shape
`(n,)`, the loss is `sum((A w - y)^2) / (2 n)` and its gradient is `A^T (A w - y) / n`.

## A worked example

Take `lam = 4` and `x0 = 10`. With `lr = 0.125` each step multiplies by `1 - 0.5 = 0.5`: 10, 5, 2.5, 1.25, and after
four steps less than a tenth is left. With `lr = 0.625` the factor is `1 - 2.5 = -1.5`: 10, -15, 22.5, -33.75. The first
is stable, the second is not, and between them lies the learning rate at which the size of `x` no longer changes.

The curve 5, 3, 4, 4, 2 has four steps and rises in one of them: its share of rising steps is 0.25.

## What to return

Seven small functions; each docstring names the shapes. `least_squares`, `batch_rows` and the constants are ready-made:
use them as they are, so that your loss curves can be compared with ours number by number.

## What earns the points

Each function is tried on numbers of ours that are different for everyone. A slip that we recognise keeps part of the
points and is named. Counting one step too many or too few on the saddle costs nothing.

## References

- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, sections 4.3 and 8.2.
- D. P. Kingma, J. Ba: *Adam: A Method for Stochastic Optimization*, arXiv:1412.6980.
"""

import numpy as np

ROWS, COLUMNS = 512, 5  # the least-squares problem of q1t.auto
STEPS = 160  # steps of every loss curve
RATE = 0.05  # its learning rate, well under the stability threshold of these rows


def max_stable_lr(eigs: list[float]) -> float:
    """q1a: the learning rate at which gradient descent on the bowl stops being stable.

    eigs: the curvatures, one or more, all positive, in any order. Returns the largest learning rate such that no
    coordinate grows, whatever the start; every smaller one makes all of them shrink.

    Ten times the curvature leaves a tenth of the learning rate:

    >>> bool(np.isclose(max_stable_lr([3.0, 7.0]), 10 * max_stable_lr([70.0, 30.0])))
    True
    """
    raise NotImplementedError("q1a: not written yet")


def gd_path(lam: float, lr: float, x0: float, steps: int) -> list[float]:
    """q1a: the points that gradient descent visits on `lam * x^2 / 2`.

    Returns `steps + 1` numbers, the start `x0` first.

    >>> bool(np.allclose(gd_path(4.0, 0.125, 10.0, 3), [10.0, 5.0, 2.5, 1.25]))
    True
    >>> bool(np.allclose(gd_path(4.0, 0.625, 10.0, 3), [10.0, -15.0, 22.5, -33.75]))
    True
    """
    raise NotImplementedError("q1a: not written yet")


def steps_to_tol(lam: float, lr: float, tol: float) -> int | None:
    """q1b: how many steps it takes until at most the share `tol` of the start is left.

    lam, lr > 0 and 0 < tol < 1. Returns the smallest whole number t with `|1 - lr * lam|^t <= tol`, or None if there
    is no such t.

    >>> steps_to_tol(4.0, 0.125, 0.1)
    4
    >>> steps_to_tol(4.0, 0.25, 0.1)
    1
    >>> print(steps_to_tol(4.0, 0.625, 0.1))
    None
    """
    raise NotImplementedError("q1b: not written yet")


def escape_steps(opt: str, lr: float, start: tuple[float, float], limit: int = 1000) -> int | None:
    """q1p: the number of the first step after which `|y| > 1` on the saddle `x^2 - y^2`.

    opt: "sgd" or "adam", as written in the statement. start: the point (x, y) with |y| < 1. The first step has number
    1. Returns None if `limit` steps are not enough.

    >>> escape_steps("sgd", 0.5, (1.0, 0.3))
    2
    >>> escape_steps("adam", 0.4, (1.0, 0.4))
    2
    >>> print(escape_steps("sgd", 0.5, (1.0, 1e-6), limit=10))
    None
    """
    raise NotImplementedError("q1p: not written yet")


def which_curve(a: list[float], b: list[float]) -> dict[str, str]:
    """q1t: which of two loss curves was recorded with the full batch.

    a and b are curves of equal length for the same problem from the same start, one of full-batch and one of
    mini-batch descent; each value is the loss of the rows that the step looked at. Returns {"batch": "a"} or
    {"batch": "b"}.

    >>> which_curve([5.0, 4.1, 3.5, 3.1, 2.9, 2.8], [5.2, 3.9, 4.0, 2.7, 3.3, 2.6])
    {'batch': 'a'}
    """
    raise NotImplementedError("q1t: not written yet")


def increase_fraction(losses: list[float]) -> float:
    """q1t.auto: the share of steps in which the recorded loss rises.

    losses: two or more numbers; from one to the next is a step. A loss that stays the same does not rise.

    >>> increase_fraction([5, 3, 4, 4, 2])
    0.25
    """
    raise NotImplementedError("q1t.auto: not written yet")


def least_squares(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """q1t.auto: given to you: the rows A, (512, 5) float64, and targets y, (512,) float64, of one problem.

    >>> A, y = least_squares(0)
    >>> A.shape, y.shape
    ((512, 5), (512,))
    """
    numbers = np.random.default_rng([seed, 0])
    A = numbers.normal(size=(ROWS, COLUMNS))
    return A, A @ numbers.normal(size=COLUMNS) + numbers.normal(size=ROWS)


def batch_rows(batch: int, seed: int) -> list[np.ndarray]:
    """q1t.auto: given to you: the rows that each of the 160 steps looks at.

    batch: a divisor of 512. Every step gets `batch` row numbers; each pass over the data shuffles them anew.

    >>> steps = batch_rows(64, 0)
    >>> len(steps), steps[0].shape
    (160, (64,))
    """
    numbers = np.random.default_rng([seed, 1])
    per_pass = ROWS // batch
    passes = [numbers.permutation(ROWS).reshape(per_pass, batch) for _ in range(-(-STEPS // per_pass))]
    return list(np.concatenate(passes)[:STEPS])


def loss_curve(batch: int, seed: int) -> list[float]:
    """q1t.auto: the losses that gradient descent records while it fits `least_squares(seed)`.

    Begin at w = 0. Step number t looks only at the rows `batch_rows(batch, seed)[t]`: record their loss
    `sum((A w - y)^2) / (2 batch)`, then move w by `RATE` against the gradient of that same loss. Returns the 160
    recorded losses.

    >>> curve = loss_curve(512, 0)
    >>> len(curve)
    160
    >>> A, y = least_squares(0)
    >>> bool(np.isclose(curve[0], np.mean(y**2) / 2))
    True

    With the full batch the curve never rises, with 16 rows a step it often does:

    >>> increase_fraction(loss_curve(512, 0)) == 0
    True
    >>> increase_fraction(loss_curve(16, 0)) > 0.2
    True
    """
    raise NotImplementedError("q1t.auto: not written yet")
