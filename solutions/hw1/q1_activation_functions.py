"""Take five activation functions apart: their two ends, their lowest points and their slopes.

Every step of back-propagation multiplies by the slope of an activation function, so that slope decides which units
learn. It is a short calculation by hand, in which slips are common and easily overlooked.

## The five functions

| name | for `x > 0` | for `x < 0` |
|---|---|---|
| `relu` | `x` | 0 |
| `leaky_relu` | `x` | `k` times `x`, with `0 < k < 1` |
| `elu` | `x` | `alpha` times (e to the power `x`, less 1), with `alpha > 0` |
| `swish` | `x` times the sigmoid of `beta x`, with `beta > 0` | the same |
| `mish` | `x` times the tanh of the softplus of `x` | the same |

The sigmoid is `1 / (1 + e^(-t))`, the softplus is `ln(1 + e^t)`. "Slope" means the derivative with respect to `x`.

## A worked example

Take `x e^x`. Its slope is `e^x + x e^x`, which is zero at `x = -1` alone: that is the place of its minimum, and the
minimum is `-1 / e = -0.367879`. The slope at 0 is 1. As a pair of formulas:
`{"f": "x*exp(x)", "df": "exp(x) + x*exp(x)"}`; `"exp(x)*(1 + x)"` is as right.

In the table of facts, `|x|` would get: no exponential needed, no dead gradient (the slope on the left is -1), no end
that saturates, and a linear negative branch.

## The table of facts (q1a)

Answered for every `k` and `alpha` allowed above.

- `needs_exp`: an exponential is needed to work the function out; comparing, adding and multiplying are not enough.
- `dead_negative_gradient`: the slope is exactly 0 at every `x < 0`.
- `saturates_negative`, `saturates_positive`: the function's value tends to a finite limit as `x` goes to minus
  infinity, or to plus infinity. A value that is constant from some point on counts as one that does.
- `negative_branch`: the kind of formula that holds for `x < 0`.

## Lowest points (q1b)

For Swish with the `beta` of your `GIVEN`, and for Mish: the `x` of the minimum (`argmin`), the minimum itself, and the
slope at 0. Work on paper, or by any program of yours; fill in numbers. Places are right to 1e-4, minima and slopes to
1e-6.

## Pairs of formulas (q1c.relu to q1c.mish)

Each pair holds the function `f` and its slope `df` as text or as a sympy expression, in the symbols `x`, `k` (Leaky
ReLU) and `alpha` (ELU). **Swish has `beta = 1` here.** Formulas are compared as functions: any form of the right one
is right. A quotient such as `(f(x + h) - f(x - h))/(2h)` is close to the slope and is not the slope. What happens
exactly at `x = 0` is not looked at. Understood are

- `+ - * / ^ **`, brackets, `exp log tanh sech sigmoid softplus abs sign Max Min Heaviside`;
- cases: `Piecewise((value, condition), ..., (value, True))` or `value if condition else value`; a comparison alone
  counts as 1 where it holds and as 0 elsewhere;
- in `df`, but not in `f`, also the five functions by name, `leaky_relu(x, k)` and `elu(x, alpha)` with their parameter,
  and the letter `f` for the function of the same pair.

## Slopes in code (q1c.code)

`act_grad(name, x, **p)` takes an array of any shape, also of no axes or no entries, of float64 or of whole numbers. It
returns the slopes as a float64 array of the same shape and leaves `x` as it was. `p` may hold `k` (0.01 if not said),
`alpha` (1 if not) or `beta` (1 if not). Exactly at 0 a function with a kink has no slope: there any number between the
slopes on its two sides is right. For every `x` between -800 and 800 the slopes must be finite, and numpy must give no
RuntimeWarning. The tolerance is 1e-6 of the value, plus 1e-9.

## The plot (q1d)

`plot_derivatives()` draws the slopes of all five over `[-6, 6]`, with `k = 0.1`, `alpha = 1` and `beta = 1`, into one
pair of axes: five lines of at least 200 points each, evenly spread from -6 to 6 (a tenth more or less at the ends does
not matter). Each line is labelled with the name of its function from the table above (case, blanks, `-` and `_` do not
matter, and more words may stand beside it). There is a legend on the axes (`ax.legend()`), and a label on both axes.
Lines without a label, such as one at height 0, may be added. A jump may be drawn as a steep piece or left open: within
0.1 of `x = 0` nothing is compared. Elsewhere each line is compared at its own points, to 1e-3.

## What to return

The forms have a cell for each answer. The last two functions return an array and a `matplotlib.figure.Figure` (without
`show()`).

## What earns the points

In the table of facts a wrong cell takes back what a right one earned; the two ends of a function (`saturates_...`)
count as one cell. In the lowest points every number counts by itself, and one that is nearly right, because it was
rounded or read off a coarse grid, keeps half. In each pair the function is a quarter of the points and the slope the
rest.

In the code four things count separately: ordinary values most, then the place 0 and the far ends, then whole numbers
with an `x` that stays as it was. In each of them the share of the five functions that are right is earned; but a slope
that is not finite at 0, or one that is not finite or warns at the far ends, takes all points of that thing. In the plot
the lines count most, then the legend, then the labels of the axes and the form of the lines.

A slip that we recognise keeps part of the points and is named.

## References

- P. Ramachandran, B. Zoph, Q. V. Le: *Searching for Activation Functions*, arXiv:1710.05941.
- D. Misra: *Mish: A Self Regularized Non-Monotonic Activation Function*, BMVC 2020, arXiv:1908.08681.
"""

from typing import Literal, TypedDict

import numpy as np
from matplotlib.figure import Figure

GIVEN = {"beta": 1.0}  # Swish's, in q1b alone


class Facts(TypedDict):
    """What q1a asks about one function."""

    needs_exp: bool
    dead_negative_gradient: bool
    saturates_negative: bool
    saturates_positive: bool
    negative_branch: Literal["zero", "linear", "exponential", "logarithmic"]


# BEGIN SOLUTION
def _sigmoid(t):
    """1 / (1 + exp(-t)) without a power that could overflow."""
    return np.exp(-np.logaddexp(0, -t))


def _slopes(name, x, k=0.01, alpha=1.0, beta=1.0):
    """The slopes of a function at the entries of x, any shape, float64."""
    x = np.asarray(x, dtype=float)
    if name == "swish":
        s = _sigmoid(beta * x)
        return s + beta * x * s * (1 - s)
    if name == "mish":
        t = np.tanh(np.logaddexp(0, x))
        return t + x * (1 - t**2) * _sigmoid(x)
    left = {"relu": 0.0, "leaky_relu": k, "elu": alpha * np.exp(np.minimum(x, 0))}
    return np.where(x > 0, 1.0, left[name])


def _lowest(name, low, **p):
    """Where the slope changes its sign between low and 0, by halving the interval."""
    high = 0.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (low, middle) if _slopes(name, middle, **p) > 0 else (middle, high)
    return low


# END SOLUTION


def activation_table() -> dict[str, Facts]:
    """q1a: what holds for ReLU, Leaky ReLU and ELU.

    True or False in the first four cells of each function, one of the words in the fifth. The statement says what each
    cell asks.

    >>> table = activation_table()
    >>> sorted(table)
    ['elu', 'leaky_relu', 'relu']
    >>> {facts["negative_branch"] for facts in table.values()} <= {"zero", "linear", "exponential", "logarithmic"}
    True
    """
    # BEGIN SOLUTION
    # STUB # True or False; negative_branch is "zero", "linear", "exponential" or "logarithmic"
    # STUB return {
    # STUB     "relu": {
    # STUB         "needs_exp": ...,
    # STUB         "dead_negative_gradient": ...,
    # STUB         "saturates_negative": ...,
    # STUB         "saturates_positive": ...,
    # STUB         "negative_branch": ...,
    # STUB     },
    # STUB     "leaky_relu": {
    # STUB         "needs_exp": ...,
    # STUB         "dead_negative_gradient": ...,
    # STUB         "saturates_negative": ...,
    # STUB         "saturates_positive": ...,
    # STUB         "negative_branch": ...,
    # STUB     },
    # STUB     "elu": {
    # STUB         "needs_exp": ...,
    # STUB         "dead_negative_gradient": ...,
    # STUB         "saturates_negative": ...,
    # STUB         "saturates_positive": ...,
    # STUB         "negative_branch": ...,
    # STUB     },
    # STUB }
    return {
        "relu": {
            "needs_exp": False,
            "dead_negative_gradient": True,
            "saturates_negative": True,
            "saturates_positive": False,
            "negative_branch": "zero",
        },
        "leaky_relu": {
            "needs_exp": False,
            "dead_negative_gradient": False,
            "saturates_negative": False,
            "saturates_positive": False,
            "negative_branch": "linear",
        },
        "elu": {
            "needs_exp": True,
            "dead_negative_gradient": False,
            "saturates_negative": True,
            "saturates_positive": False,
            "negative_branch": "exponential",
        },
    }
    # END SOLUTION


def swish_mish_facts() -> dict[str, float]:
    """q1b: the lowest points of Swish and Mish, and their slopes at 0.

    Swish has the `beta` of GIVEN. Returns six floats; places are right to 1e-4, minima and slopes to 1e-6.

    >>> facts = swish_mish_facts()
    >>> sorted(facts)
    ['mish_argmin', 'mish_min', 'mish_slope0', 'swish_argmin', 'swish_min', 'swish_slope0']
    >>> bool(np.isfinite(list(facts.values())).all())
    True
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "swish_argmin": ...,
    # STUB     "swish_min": ...,
    # STUB     "mish_argmin": ...,
    # STUB     "mish_min": ...,
    # STUB     "swish_slope0": ...,
    # STUB     "mish_slope0": ...,
    # STUB }
    beta = GIVEN["beta"]
    swish, mish = _lowest("swish", -2 / beta, beta=beta), _lowest("mish", -2.0)
    return {
        "swish_argmin": swish,
        "swish_min": float(swish * _sigmoid(beta * swish)),
        "mish_argmin": mish,
        "mish_min": float(mish * np.tanh(np.logaddexp(0, mish))),
        "swish_slope0": float(_slopes("swish", 0.0, beta=beta)),
        "mish_slope0": float(_slopes("mish", 0.0)),
    }
    # END SOLUTION


def relu_pair() -> dict[str, str]:
    """q1c.relu: ReLU and its slope, formulas in x.

    >>> sorted(relu_pair())
    ['df', 'f']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "f": ...,  # such as "x*exp(x)"
    # STUB     "df": ...,
    # STUB }
    return {"f": "Max(x, 0)", "df": "Heaviside(x)"}
    # END SOLUTION


def leaky_pair() -> dict[str, str]:
    """q1c.leaky: Leaky ReLU and its slope, formulas in x and k, 0 < k < 1.

    >>> sorted(leaky_pair())
    ['df', 'f']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "f": ...,
    # STUB     "df": ...,
    # STUB }
    return {"f": "Max(x, k*x)", "df": "Piecewise((1, x > 0), (k, True))"}
    # END SOLUTION


def elu_pair() -> dict[str, str]:
    """q1c.elu: ELU and its slope, formulas in x and alpha, alpha > 0.

    Only for one alpha do the slopes of the two sides meet at 0; that place is not looked at.

    >>> sorted(elu_pair())
    ['df', 'f']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "f": ...,
    # STUB     "df": ...,
    # STUB }
    return {
        "f": "Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))",
        "df": "Piecewise((1, x > 0), (alpha*exp(x), True))",
    }
    # END SOLUTION


def swish_pair() -> dict[str, str]:
    """q1c.swish: Swish with beta = 1 and its slope, formulas in x.

    >>> sorted(swish_pair())
    ['df', 'f']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "f": ...,
    # STUB     "df": ...,
    # STUB }
    return {"f": "x*sigmoid(x)", "df": "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"}
    # END SOLUTION


def mish_pair() -> dict[str, str]:
    """q1c.mish: Mish and its slope, formulas in x.

    >>> sorted(mish_pair())
    ['df', 'f']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "f": ...,
    # STUB     "df": ...,
    # STUB }
    return {"f": "x*tanh(softplus(x))", "df": "tanh(softplus(x)) + x*sech(softplus(x))^2*sigmoid(x)"}
    # END SOLUTION


def act_grad(name: str, x: np.ndarray, **p: float) -> np.ndarray:
    """q1c.code: the slopes of an activation function at the entries of x.

    name: "relu", "leaky_relu", "elu", "swish" or "mish". x: an array of any shape, float64 or whole numbers, from -800
    to 800. p: k=0.01 of leaky_relu, alpha=1 of elu, beta=1 of swish. Returns a float64 array shaped like x; x itself
    stays as it was.

    Swish's slopes at x and at -x add up to one, those of Leaky ReLU to 1 + k:

    >>> x = np.array([[0.3, 1.0, 2.5], [4.0, 70.0, 800.0]])
    >>> slopes = act_grad("swish", x, beta=2.0)
    >>> slopes.shape
    (2, 3)
    >>> bool(np.allclose(slopes + act_grad("swish", -x, beta=2.0), 1))
    True
    >>> bool(np.allclose(act_grad("leaky_relu", x, k=0.25) + act_grad("leaky_relu", -x, k=0.25), 1.25))
    True
    """
    # BEGIN SOLUTION
    return _slopes(name, x, **p)
    # END SOLUTION


def plot_derivatives() -> Figure:
    """q1d: the slopes of the five functions over [-6, 6] in one plot.

    k = 0.1, alpha = 1, beta = 1. One pair of axes, five labelled lines of 200 points or more, a legend, a label on both
    axes.

    >>> figure = plot_derivatives()
    >>> len(figure.axes)
    1
    >>> len([line for line in figure.axes[0].lines if not line.get_label().startswith("_")])
    5
    """
    # BEGIN SOLUTION
    figure = Figure()
    axes = figure.subplots()
    x = np.linspace(-6, 6, 601)
    for name in ("relu", "leaky_relu", "elu", "swish", "mish"):
        axes.plot(x, _slopes(name, x, k=0.1), label=name)
    axes.set(xlabel="x", ylabel="slope")
    axes.legend()
    return figure
    # END SOLUTION
