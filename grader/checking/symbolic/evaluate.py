"""The value of a graph's nodes: in float64 at many points at once, or at one point with as many digits as asked.

Both answer "undefined" (NaN, None) where a part is undefined: a pole, a logarithm of zero, no branch that holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial, reduce
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath.libmp import from_rational, to_rational
from numpy.typing import NDArray

from grader.checking.symbolic.exact import deciding, exact
from grader.checking.symbolic.graph import UNARY, Graph, Node, arguments

Column = NDArray[np.float64]
LARGEST = 24  # log2 of the largest argument of exp and its kin and of any value's exponent: mpmath shifts by it
MORE_DIGITS = (100, 200, 1000)  # where cancellation eats the first 50: cosh^2 - sinh^2 loses 869 at 1000, the farthest
LOG10_2 = math.log10(2)

_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])
_FLOATS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "abs": np.abs,
    "sign": np.sign,
    "sech": lambda x: 1 / np.cosh(x),
    "erf": _erf,
    "erfc": _erfc,
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(0.0, x),
    "max": np.maximum,
    "min": np.minimum,
    "pow": np.power,
    "add": lambda *columns: reduce(np.add, columns),
    "mul": lambda *columns: reduce(np.multiply, columns),
}
_TRUTHS: dict[str, Callable[..., Any]] = {
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "not": lambda column: column == 0,
    "and": lambda *columns: reduce(np.logical_and, (column == 1 for column in columns)),
    "or": lambda *columns: reduce(np.logical_or, (column == 1 for column in columns)),
}
_CONSTANTS = {"pi": math.pi, "true": 1.0}


def floats(graph: Graph, roots: Sequence[int], columns: Mapping[str, Column]) -> list[Column]:
    """The values of `roots` at n points, (n,) float64 each; NaN or infinite where undefined or too large."""
    n = len(next(iter(columns.values()))) if columns else 1
    values: dict[int, Column] = {}
    with np.errstate(all="ignore"):
        for i in graph.reach(roots):
            node = graph.nodes[i]
            values[i] = columns[node[1]] if node[0] == "sym" else _column(node, values, n)
    return [values[root] for root in roots]


def _column(node: Node, values: Mapping[int, Column], n: int) -> Column:
    op, given = node[0], [values[i] for i in arguments(node)]
    if op in _CONSTANTS or op == "num":
        return np.full(n, as_float(node[1]) if op == "num" else _CONSTANTS[op])
    if op == "choose":
        result = np.full(n, np.nan)
        for condition, value in zip(reversed(given[::2]), reversed(given[1::2]), strict=True):
            result = np.where(condition == 1, value, np.where(np.isnan(condition), np.nan, result))
        return result
    if op in _TRUTHS:
        undefined = reduce(np.logical_or, map(np.isnan, given))
        return np.where(undefined, np.nan, _TRUTHS[op](*given).astype(np.float64))
    return np.asarray(_FLOATS[op](*given), dtype=np.float64)


def as_float(value: Any) -> float:
    """A fraction or an mpf as a float, infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class _Undefined(Exception):
    """This part has no value here."""


class _TooLarge(Exception):
    """This part is too large, or too small, to be computed with here."""


_BEYOND: Any = object()  # the value of such a part, and of what is made of it


class Reading(NamedTuple):
    """What was found at a point. `values`: of each root an mpf, or None where it is undefined or not real."""

    values: list[Any]
    holding: int  # so many digits of them are right
    beyond: tuple[bool, ...]  # whether a root has no value only because something in it is too large to compute with
    sure: bool = True  # False: cancellation left none, so that a value may be zero, or anything that was made of zero


class Precise:
    """Evaluates one graph at single points with mpmath, complex inside where a principal branch is, real at the end.

    What decides between values is computed exactly where it is rational.
    """

    def __init__(self, graph: Graph, roots: Sequence[int]) -> None:
        self._nodes = graph.nodes
        self._order = graph.reach(roots)
        self._roots = list(roots)
        self._exactly = deciding(graph, self._order)
        self._context, self._functions = _arithmetic()
        self._lost_bits = 0

    def at(self, point: Mapping[str, Fraction], digits: int) -> list[Any]:
        """The value of each root, an mpf, or None where it is undefined or not real."""
        return self.read(point, digits).values

    def read(self, point: Mapping[str, Fraction], digits: int) -> Reading:
        """The values with just so many digits."""
        context = self._context
        context.dps = digits
        self._lost_bits = 0
        values: dict[int, Any] = {}
        fractions: dict[int, Fraction] = {}
        for i in self._order:
            try:
                known = exact(self._nodes[i], fractions, point) if i in self._exactly else None
                if isinstance(known, Fraction):
                    fractions[i] = known
                    values[i] = self._digits(known)
                else:
                    values[i] = self._value(self._nodes[i], values, point) if known is None else known
                self._check(values[i])
            except _TooLarge:
                values[i] = _BEYOND
            except (_Undefined, ZeroDivisionError, OverflowError, ValueError, mpmath.libmp.NoConvergence):
                values[i] = None
        beyond = tuple(values[root] is _BEYOND for root in self._roots)
        found = [None if far else self._root(values[root]) for root, far in zip(self._roots, beyond, strict=True)]
        lost = int(self._lost_bits * LOG10_2) + 1 if self._lost_bits else 0
        return Reading(found, digits - lost, beyond)

    def surely(self, point: Mapping[str, Fraction], digits: int) -> Reading:
        """The values with as many digits more as cancellation asks for, so that half of `digits` hold."""
        for asked in (digits, *(more for more in MORE_DIGITS if more > digits)):
            found = self.read(point, asked)
            if found.holding >= digits // 2:
                return found
        return found._replace(holding=asked // 2, sure=False)  # something here is exactly zero: x - 1 where x is 1

    def _digits(self, x: Fraction) -> Any:
        return self._context.make_mpf(from_rational(x.numerator, x.denominator, self._context.prec, "n"))

    def _value(self, node: Node, values: Mapping[int, Any], point: Mapping[str, Fraction]) -> Any:
        op = node[0]
        context = self._context
        if op == "num" or op == "sym":
            return self._digits(node[1] if op == "num" else point[node[1]])
        if op == "choose":
            for condition, value in zip(node[1::2], node[2::2], strict=True):
                holds = values[condition]
                if holds is None or holds is _BEYOND:
                    return holds
                if holds:
                    return values[value]
            return None
        given = [values[i] for i in node[1:]]
        if any(value is None for value in given):
            return None
        if any(value is _BEYOND for value in given):
            return _BEYOND
        if op == "add":
            total = sum(given)
            self._lose(max(map(_magnitude, given)), _magnitude(total))
            return total
        if op == "mul":
            return math.prod(given)
        if op == "log":
            value = self._functions[op](*given)
            self._lose(0, _magnitude(value))  # near 1 a logarithm is as good as its argument's distance from 1
            return value
        if op in ("sin", "cos", "tan"):
            value = self._functions[op](*given)
            size = _magnitude(value)
            self._lose(_magnitude(given[0]), -abs(size) if op == "tan" else size)  # as exact as its zeros and poles are
            return value
        if op == "pow" and self._nodes[node[2]][0] == "num":
            exponent = self._nodes[node[2]][1]
            if exponent.denominator == 1:
                return given[0] ** int(exponent)
            if exponent.denominator == 2:
                return context.sqrt(given[0]) ** exponent.numerator
        value = self._functions[op](*given)
        if isinstance(value, bool):
            return value
        if not context.isfinite(value):
            raise _Undefined
        return value

    def _lose(self, before: int, after: int) -> None:
        """Count the digits lost where something of size 2 ** before came to 2 ** after."""
        if after < before:
            self._lost_bits += min(before - after, self._context.prec)

    def _check(self, value: Any) -> None:
        parts = value._mpc_ if isinstance(value, self._context.mpc) else (getattr(value, "_mpf_", None),)
        if any(part is not None and not -1 << LARGEST < part[2] < 1 << LARGEST for part in parts):
            raise _TooLarge

    def _root(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return None
        try:
            value = _real(self._context, value)
        except _Undefined:
            return None
        return value if self._context.isfinite(value) else None


def as_fraction(value: Any) -> Fraction:
    """An mpf as the fraction that it is."""
    return Fraction(*to_rational(value._mpf_))


def as_number(value: Any) -> float | str:
    """An mpf as a float, or as a text where it is too large or too small for one."""
    return as_float(value) if _fits(value) else in_digits(value, 17)


def in_digits(value: Any, digits: int) -> str:
    """An mpf with so many significant digits, as `format` writes a float."""
    return f"{as_float(value):.{digits}g}" if _fits(value) else str(mpmath.nstr(value, digits))


def _fits(value: Any) -> bool:
    number = as_float(value)
    return math.isfinite(number) and (number != 0 or not value)


def _real(context: Any, value: Any) -> Any:
    """`value` without an imaginary part that half of the digits do not see: exp(2 * log(-3)) is 9."""
    if not isinstance(value, context.mpc):
        return value
    if abs(value.imag) > context.sqrt(context.eps) * (1 + abs(value.real)):
        raise _Undefined
    return value.real


def _magnitude(value: Any) -> int:
    """log2 of |value|, rounded up; far below everything for zero."""
    parts = value._mpc_ if hasattr(value, "_mpc_") else (value._mpf_,)
    return max(exponent + bits if mantissa else -4 << LARGEST for _, mantissa, exponent, bits in parts)


@cache
def _arithmetic() -> tuple[Any, dict[str, Callable[..., Any]]]:
    """One mpmath context of our own (making one takes 2 ms), whose precision nobody else sets."""
    context = mpmath.MPContext()
    return context, _functions(context)


def _functions(context: Any) -> dict[str, Callable[..., Any]]:
    """mpmath's functions by the names of the graph's nodes, each safe against arguments that would exhaust memory."""

    def size(x: Any) -> int:
        return int(context.mag(x)) if x else 0

    real = partial(_real, context)

    def safe(name: str) -> Callable[[Any], Any]:
        function = getattr(context, name)

        def call(x: Any) -> Any:
            if size(x) > LARGEST:
                raise _TooLarge
            return function(x if name not in ("erf", "erfc") else real(x))

        return call

    exp = safe("exp")

    def log(x: Any) -> Any:
        if not x:
            raise _Undefined
        return context.log(x)

    def power(x: Any, y: Any) -> Any:
        if not x:
            if real(y) <= 0:
                raise _Undefined
            return x
        if context.isint(y) and size(y) < 11:
            return x ** int(real(y))
        return exp(y * context.log(x))

    def heaviside(x: Any) -> Any:
        x = real(x)
        return context.mpf((1 + (x > 0) - (x < 0)) / 2)

    special = {"exp", "log", "abs", "sign", "heaviside", "sigmoid", "softplus"}
    return {
        **{name: safe(name) for name in UNARY - special},
        "exp": exp,
        "log": log,
        "pow": power,
        "abs": abs,
        "sign": lambda x: context.sign(real(x)),
        "heaviside": heaviside,
        "sigmoid": lambda x: 1 / (1 + exp(-x)),
        "softplus": lambda x: context.log1p(exp(x)),
        "max": lambda x, y: max(real(x), real(y)),
        "min": lambda x, y: min(real(x), real(y)),
        "lt": lambda x, y: bool(real(x) < real(y)),
        "le": lambda x, y: bool(real(x) <= real(y)),
        "eq": lambda x, y: bool(x == y),
        "not": lambda x: not x,
        "and": lambda *xs: all(xs),
        "or": lambda *xs: any(xs),
        "true": lambda: True,
        "pi": lambda: +context.pi,
    }
