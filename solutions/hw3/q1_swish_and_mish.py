"""Implement Swish and Mish, differentiate them, and see what they change about the gradient of a deep network.

Two activation functions that are not piecewise linear have found their way into large networks. Both look like ReLU
from afar; up close they are smooth and dip below zero, and their formulas need care at the ends and in the middle.

## The two functions (q1a, q1a.plot)

With `sigmoid(x) = 1 / (1 + exp(-x))` and `softplus(x) = log(1 + exp(x))`, the natural logarithm,

- `swish(x) = x * sigmoid(x)`, also called SiLU;
- `mish(x) = x * tanh(softplus(x))`.

They act on each entry of an array, whatever its shape. A computer cannot hold `exp(800)`, and `1 + exp(-40)` is exactly
1 for it: write both so that twelve digits are right for every x from -800 to 800, and that numpy warns of nothing.

## Their derivatives (q1b.swish, q1b.mish, q1b.plot)

Formulas are text in `x`, written with `+ - * / ^`, brackets, numbers and functions such as `exp`, `log`, `tanh`,
`sech`, `cosh`, `sigmoid`, `softplus`, `swish`, `mish`, `max`, each with its argument: `sigmoid(x)`. A sympy expression
is fine too. Every form of the right function is right; a quotient such as `(f(x + h) - f(x - h))/(2h)` is close to the
derivative and is another function. A derivation is a list of such texts in which each line is the line before it,
rewritten; for the derivative of `x * exp(-x)` it could be

    ["1*exp(-x) + x*(-exp(-x))", "exp(-x) - x*exp(-x)", "exp(-x) * (1 - x)"]

## Slopes in depth (q1c, q1c.auto)

If a function is applied `depth` times, `f(f(...f(x)))`, the chain rule multiplies one slope for each time, taken where
the signal is by then. For `f(x) = x^2` at 3, twice: the slope is `2 * 3` at 3 and `2 * 9` at 9, together 108.

## A parameter, and a factor (q1d, q1e)

With a positive `factor`, let `f(x) = factor * x * sigmoid(beta * x)`. What remains for `beta = 0`, and for beta without
bound? (For `x * tanh(beta * x)` it would be 0 and `|x|`.) Limits are taken at fixed x; x = 0 itself does not count.

Mish's derivative can be written as `mish'(x) = Delta(x) * swish(x) + mish(x) / x` with a factor `Delta(x)`.

## A worked example

At `x = log(3)` the sigmoid is 3/4, so `swish(log(3)) = 0.75 * log(3) = 0.824`. At `x = log(2)` the softplus is
`log(3)`, whose tanh is 0.8, so `mish(log(2)) = 0.8 * log(2) = 0.5545`.

## What to return

Arrays from `swish`, `mish` and `mish_prime_num`; matplotlib figures from the two plot functions; formulas from
`swish_prime`, `mish_prime`, `swish_beta_limits` and `mish_delta`; a form of twelve cells, and one number.

## What earns the points

Values are compared with automatic differentiation and with torch's own functions; of a plot the lines' numbers, the
visible part and the labels count, not its looks. A formula is compared as a function, at many points; some known slips
keep part of the points and are named. In the form of properties a wrong cell takes back what a right one earned, and a
cell left at `...` costs nothing.

## References

- P. Ramachandran, B. Zoph, Q. V. Le: *Searching for Activation Functions*, arXiv:1710.05941.
- D. Misra: *Mish: A Self Regularized Non-Monotonic Activation Function*, arXiv:1908.08681, sections 2 and 3.
"""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure


# BEGIN SOLUTION
def _sigmoid(x):
    """1 / (1 + exp(-x)) by exponentials of negative numbers alone."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1 + small)


def _swish_prime(x):
    """Swish's slope."""
    return swish(x) + _sigmoid(x) * (1 - swish(x))


SLOPES = {
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0)),
    "swish": (lambda x: swish(x), _swish_prime),
    "mish": (lambda x: mish(x), lambda x: mish_prime_num(x)),
}


def _drawn(x, **curves):
    """A figure with one labelled line for each curve."""
    figure, axes = plt.subplots()
    for name, y in curves.items():
        axes.plot(x, y, label=name.replace("_", " "))
    axes.set(xlabel="x", ylabel="value")
    axes.legend()
    axes.grid(visible=True)
    return figure


# END SOLUTION
def swish(x: np.ndarray) -> np.ndarray:
    """q1a: Swish of every entry.

    x: float64 array of any shape, `()` included. Returns float64 of the same shape. Twelve digits are right for every x
    from -800 to 800, however small the value is, and numpy warns of nothing.

    >>> bool(np.allclose(swish(np.log([[3.0], [1.0]])), [[0.75 * np.log(3)], [0.0]]))
    True
    >>> float(swish(np.array(-800.0))) == 0
    True
    """
    # BEGIN SOLUTION
    return x * _sigmoid(x)
    # END SOLUTION


def mish(x: np.ndarray) -> np.ndarray:
    """q1a: Mish of every entry.

    x: float64 array of any shape, `()` included. Returns float64 of the same shape. Twelve digits are right for every x
    from -800 to 800, however small the value is, and numpy warns of nothing.

    >>> bool(np.allclose(mish(np.log([[2.0], [1.0]])), [[0.8 * np.log(2)], [0.0]]))
    True
    >>> float(mish(np.array(800.0)))
    800.0
    """
    # BEGIN SOLUTION
    return x * np.tanh(np.logaddexp(0, x))
    # END SOLUTION


def plot_swish_mish() -> Figure | list[Figure]:
    """q1a.plot: both functions from -6 to 6, in one figure or in two.

    Each curve is one line of at least 50 points, the first at -6 and the last at 6. What is in view takes in all of
    that and the lowest point of each curve. Both axes are labelled, and a legend or a title says `swish` or `mish` of
    each line (two curves in the same axes need the legend). Return the figure, or a list of figures.

    >>> figures = plot_swish_mish()
    >>> any(axes.lines for figure in (figures if isinstance(figures, list) else [figures]) for axes in figure.axes)
    True
    """
    # BEGIN SOLUTION
    x = np.linspace(-6, 6, 201)
    return _drawn(x, swish=swish(x), mish=mish(x))
    # END SOLUTION


def swish_prime() -> str:
    """q1b.swish: the derivative of Swish, a formula in x; try to write it by means of swish(x) itself.

    >>> "x" in str(swish_prime())
    True
    """
    # BEGIN SOLUTION
    # STUB return ...  # a formula in x: text, or a sympy expression
    return "swish(x) + sigmoid(x)*(1 - swish(x))"
    # END SOLUTION


def swish_prime_steps() -> list[str]:
    """q1b.swish: how you got there, a list of formulas from the product rule's line to the derivative.

    Each line is the line before it, rewritten, and the last is the derivative. An empty list, `[]`, is allowed and
    loses nothing if `swish_prime` is right.

    >>> isinstance(swish_prime_steps(), list)
    True
    """
    # BEGIN SOLUTION
    # STUB return ...  # a list of formulas in x, or []
    return [
        "1*sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))",
        "sigmoid(x) + x*sigmoid(x) - x*sigmoid(x)^2",
        "sigmoid(x) + swish(x) - sigmoid(x)*swish(x)",
        "swish(x) + sigmoid(x)*(1 - swish(x))",
    ]
    # END SOLUTION


def mish_prime() -> str:
    """q1b.mish: the derivative of Mish, a formula in x.

    >>> "x" in str(mish_prime())
    True
    """
    # BEGIN SOLUTION
    # STUB return ...  # a formula in x: text, or a sympy expression
    return "tanh(softplus(x)) + x*sigmoid(x)*sech(softplus(x))^2"
    # END SOLUTION


def mish_prime_num(x: np.ndarray) -> np.ndarray:
    """q1b.mish: the derivative of Mish at every entry.

    x: float64 array of shape (n,), n >= 1, with values from -20 to 20; it may hold 0. Returns float64 (n,), right to
    nine digits after the point, every entry finite.

    >>> bool(np.isclose(mish_prime_num(np.array([3.0]))[0], (mish(3.0 + 1e-5) - mish(3.0 - 1e-5)) / 2e-5))
    True
    """
    # BEGIN SOLUTION
    inner = np.logaddexp(0, x)
    return np.tanh(inner) + x * _sigmoid(x) / np.cosh(inner) ** 2
    # END SOLUTION


def plot_derivs(n: int = 101) -> Figure:
    """q1b.plot: the derivatives of Swish and of Mish as two lines of one figure.

    n: the number of points, evenly spaced from -6 to 6, both ends among them; for an odd n the middle one is 0. The
    lines have no holes. Labels are not graded here.

    >>> sum(len(axes.lines) for axes in plot_derivs(51).axes) >= 2
    True
    """
    # BEGIN SOLUTION
    x = np.linspace(-6, 6, n)
    return _drawn(x, slope_of_swish=_swish_prime(x), slope_of_mish=mish_prime_num(x))
    # END SOLUTION


def activation_properties() -> dict[str, dict[str, bool]]:
    """q1c: True or False for each of three functions on the whole real line.

    bounded_below: no value lies under some fixed number. bounded_above: no value lies over some fixed number. monotone:
    the function never falls, or never rises. smooth: the derivative exists at every x and has no jump.

    >>> sorted(activation_properties())
    ['mish', 'relu', 'swish']
    """
    # BEGIN SOLUTION
    # STUB return {  # True or False in each cell
    # STUB     "relu": {"bounded_below": ..., "bounded_above": ..., "monotone": ..., "smooth": ...},
    # STUB     "swish": {"bounded_below": ..., "bounded_above": ..., "monotone": ..., "smooth": ...},
    # STUB     "mish": {"bounded_below": ..., "bounded_above": ..., "monotone": ..., "smooth": ...},
    # STUB }
    dips = {"bounded_below": True, "bounded_above": False, "monotone": False, "smooth": True}
    return {
        "relu": {"bounded_below": True, "bounded_above": False, "monotone": True, "smooth": False},
        "swish": dips,
        "mish": dips,
    }
    # END SOLUTION


def grad_through_depth(act: str, depth: int, x: float) -> float:
    """q1c.auto: the derivative, with respect to x, of `act` applied `depth` times to x.

    act: "sigmoid", "tanh", "relu", "swish" or "mish"; depth: 1 or more; x: any number, for "relu" not 0. Returns a
    float whose first six digits are right, however small it is.

    >>> round(grad_through_depth("sigmoid", 1, 0.0), 6), grad_through_depth("relu", 3, -2.0) == 0
    (0.25, True)
    """
    # BEGIN SOLUTION
    function, slope = SLOPES[act]
    product = 1.0
    for _ in range(depth):
        product *= float(slope(x))
        x = float(function(x))
    return product
    # END SOLUTION


def swish_beta_limits(factor: float = 2) -> dict[str, str]:
    """q1d: what `factor * x * sigmoid(beta * x)` becomes, as formulas in x alone.

    factor: a positive number, which goes into the formulas (an f-string will do). beta0: for beta = 0; beta_inf: the
    limit as beta grows without bound, at fixed x; what you write for x = 0 does not matter.

    >>> sorted(swish_beta_limits(5))
    ['beta0', 'beta_inf']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "beta0": ...,  # a formula in x with the number `factor` in it
    # STUB     "beta_inf": ...,
    # STUB }
    return {"beta0": f"{factor}*x/2", "beta_inf": f"{factor}*max(0, x)"}
    # END SOLUTION


def mish_delta() -> str:
    """q1e: the factor Delta(x) in mish'(x) = Delta(x) * swish(x) + mish(x) / x, a formula in x.

    >>> "x" in str(mish_delta())
    True
    """
    # BEGIN SOLUTION
    # STUB return ...  # a formula in x: text, or a sympy expression
    return "sech(softplus(x))^2"
    # END SOLUTION
