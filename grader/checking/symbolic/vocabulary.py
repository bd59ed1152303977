"""The functions and constants that a formula may name, each built from the graph's few nodes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from grader.checking.symbolic.graph import UNARY, Graph

Builder = Callable[..., int]


class Function(NamedTuple):
    """How many arguments a function takes, and what makes its node of a graph and of theirs."""

    fewest: int
    most: int
    build: Builder


def _root(g: Graph, x: int, degree: int | None = None) -> int:
    by = Fraction(2) if degree is None else g.value(degree)
    if by is None or by.denominator != 1 or by < 1:
        raise ValueError("a root's degree is a whole number above zero")
    return g.power(x, g.number(1 / by))


def _log(g: Graph, x: int, base: int | None = None) -> int:
    top = g.put("log", x)
    return top if base is None else g.over(top, g.put("log", base))


def _phi(g: Graph, x: int) -> int:
    bell = g.put("exp", g.over(g.minus(g.power(x, g.number(2))), g.number(2)))
    return g.over(bell, _root(g, g.mul(g.number(2), g.put("pi"))))


def _cdf(g: Graph, x: int) -> int:
    return g.mul(g.number(Fraction(1, 2)), g.add(g.number(1), g.put("erf", g.over(x, _root(g, g.number(2))))))


def _normal(standard: Builder) -> Builder:
    """scipy's norm.cdf(x, loc, scale), of which `standard` is the one with loc 0 and scale 1."""

    def build(g: Graph, x: int, loc: int | None = None, scale: int | None = None) -> int:
        x = x if loc is None else g.add(x, g.minus(loc))
        return standard(g, x if scale is None else g.over(x, scale))

    return build


def _density(g: Graph, x: int, loc: int | None = None, scale: int | None = None) -> int:
    value = _normal(_phi)(g, x, loc, scale)
    return value if scale is None else g.over(value, scale)


def _chain(op: str) -> Builder:
    def build(g: Graph, first: int, *others: int) -> int:
        for other in others:
            first = g.put(op, *sorted((first, other))) if other != first else first
        return first

    return build


def _choose(g: Graph, positive: int, otherwise: int, x: int) -> int:
    return g.put("choose", g.put("lt", g.number(0), x), positive, g.put("true"), otherwise)


def _elu(g: Graph, x: int, alpha: int | None = None) -> int:
    slope = g.number(1) if alpha is None else alpha
    return _choose(g, x, g.mul(slope, g.add(g.put("exp", x), g.number(-1))), x)


def _leaky(g: Graph, x: int, slope: int | None = None) -> int:
    return _choose(g, x, g.mul(g.number(Fraction(1, 100)) if slope is None else slope, x), x)


def _swish(g: Graph, x: int, beta: int | None = None) -> int:
    return g.mul(x, g.put("sigmoid", x if beta is None else g.mul(beta, x)))


def _mish(g: Graph, x: int) -> int:
    return g.mul(x, g.put("tanh", g.put("softplus", x)))


def _softplus(g: Graph, x: int, beta: int | None = None) -> int:
    return g.put("softplus", x) if beta is None else g.over(g.put("softplus", g.mul(beta, x)), beta)


def _heaviside(g: Graph, x: int, at_zero: int | None = None) -> int:
    """numpy's has a value of its own at zero, which max(x, 0) takes for every x < 0."""
    if at_zero is None:
        return g.put("heaviside", x)
    below = g.put("lt", x, g.number(0))
    return _choose(g, g.number(1), g.put("choose", below, g.number(0), g.put("true"), at_zero), x)


def _dirac(g: Graph, x: int, order: int | None = None) -> int:
    """Zero but where x is, where it has no value: what lies at one point is not compared."""
    return g.put("choose", g.put("not", g.put("eq", x, g.number(0))), g.number(0))


def _inverse(op: str) -> Builder:
    return lambda g, x: g.over(g.number(1), g.put(op, x))


def _ratio(top: str, bottom: str) -> Builder:
    return lambda g, x: g.over(g.put(top, x), g.put(bottom, x))


def _plain(op: str) -> Builder:
    return lambda g, x: g.put(op, x)


_EXTRA: dict[str, tuple[int, int, Builder]] = {
    "sqrt": (1, 1, _root),
    "cbrt": (1, 1, lambda g, x: g.mul(g.put("sign", x), _root(g, g.put("abs", x), g.number(3)))),  # of -8 it is -2
    "root": (2, 2, _root),
    "log": (1, 2, _log),
    "log2": (1, 1, lambda g, x: _log(g, x, g.number(2))),
    "log10": (1, 1, lambda g, x: _log(g, x, g.number(10))),
    "log1p": (1, 1, lambda g, x: g.put("log", g.add(g.number(1), x))),
    "logaddexp": (2, 2, lambda g, x, y: g.put("log", g.add(g.put("exp", x), g.put("exp", y)))),
    "expm1": (1, 1, lambda g, x: g.add(g.put("exp", x), g.number(-1))),
    "pow": (2, 2, lambda g, x, y: g.power(x, y)),
    "square": (1, 1, lambda g, x: g.power(x, g.number(2))),
    "csch": (1, 1, _inverse("sinh")),
    "coth": (1, 1, _ratio("cosh", "sinh")),
    "sec": (1, 1, _inverse("cos")),
    "csc": (1, 1, _inverse("sin")),
    "cot": (1, 1, _ratio("cos", "sin")),
    "heaviside": (1, 2, _heaviside),
    "diracdelta": (1, 2, _dirac),
    "copysign": (2, 2, lambda g, size, x: g.mul(g.put("abs", size), g.put("sign", x))),
    "softplus": (1, 2, _softplus),
    "logsigmoid": (1, 1, lambda g, x: g.minus(g.put("softplus", g.minus(x)))),
    "swish": (1, 2, _swish),
    "mish": (1, 1, _mish),
    "phi": (1, 1, _phi),
    "Phi": (1, 1, _cdf),
    "norm.pdf": (1, 3, _density),
    "norm.cdf": (1, 3, _normal(_cdf)),
    "gelu": (1, 1, lambda g, x: g.mul(x, _cdf(g, x))),
    "relu": (1, 1, lambda g, x: g.put("max", *sorted((g.number(0), x)))),
    "elu": (1, 2, _elu),
    "leaky_relu": (1, 2, _leaky),
    "softsign": (1, 1, lambda g, x: g.over(x, g.add(g.number(1), g.put("abs", x)))),
    "zeros_like": (1, 1, lambda g, x: g.number(0)),
    "ones_like": (1, 1, lambda g, x: g.number(1)),
    "max": (1, 20, _chain("max")),
    "min": (1, 20, _chain("min")),
    "ratio": (2, 2, lambda g, x, y: g.over(x, y)),
    "number": (1, 1, lambda g, x: x),
}
_SPELLINGS = {
    "sqrt": "√",
    "log": "ln",
    "log2": "log_2",
    "log10": "log_10 lg",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh arsinh",
    "acosh": "arccosh arcosh",
    "atanh": "arctanh artanh",
    "tan": "tg",
    "tanh": "th",
    "sinh": "sh",
    "cosh": "ch",
    "abs": "fabs absolute",
    "sign": "sgn signum",
    "heaviside": "step unitstep heavisidetheta",
    "max": "maximum fmax",
    "min": "minimum fmin",
    "where": "if ifelse",
    "number": "mpf float float32 float64 tensor array asarray",
    "indicator": "int bool boole I",
    "norm.pdf": "normpdf",
    "norm.cdf": "normcdf ndtr",
    "clip": "clamp",
    "sigmoid": "sigma sigm logistic logisticsigmoid expit",
    "swish": "silu",
    "leaky_relu": "leakyrelu",
    "pow": "power",
    "ratio": "rational",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
}
_ALIASES = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}

FUNCTIONS: dict[str, Function] = {
    **{op: Function(1, 1, _plain(op)) for op in UNARY},
    **{name: Function(*known) for name, known in _EXTRA.items()},
}
_CONSTANTS = {
    "e": "e",
    "E": "e",
    "pi": "pi",
    "Pi": "pi",
    **dict.fromkeys(("oo", "inf", "infinity"), "oo"),
    **dict.fromkeys(("undefined", "nan"), "choose"),  # between no values
}
INFINITE = {"oo": 1, "-oo": -1}  # nodes that only the reader knows: sides of comparisons, never parts of a value
PARAMETRIC = frozenset({"elu", "leaky_relu", "swish"})  # without their second argument they have one of their own
SPECIAL = frozenset(
    {"piecewise", "select", "where", "ite", "cases", "frac", "indicator", "reduce", "clip"}
    | {"eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"}
)


def function(name: str) -> str | None:
    """The function that `name` means (`ln`, `np.tanh`, `Sigmoid`, `σ`), or None."""
    bare = _bare(name)
    for spelt in (bare, bare.lower()):
        spelt = _ALIASES.get(spelt, spelt)
        if spelt in FUNCTIONS or spelt in SPECIAL:
            return spelt
    return None


def constant(name: str) -> str | None:
    """The node of the constant that `name` means (`np.pi`, `math.e`, `E`, `inf`, `undefined`), or None."""
    return _CONSTANTS.get(_bare(name))


def _bare(name: str) -> str:
    """`name` without the module that it stands in; `np.logical_and.reduce` is np.logical_and."""
    module, _, bare = name.rpartition(".")
    if module.rpartition(".")[2] == "norm":
        return f"norm.{bare}"
    return _bare(module) if bare == "reduce" and module not in ("", "functools") else bare
