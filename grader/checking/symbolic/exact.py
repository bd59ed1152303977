"""The parts of a formula that decide between values, computed exactly where they are rational.

Digits do not see that n/7 - 3/7 is zero where n is 3: its sign would be that of a rounding.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.checking.symbolic.graph import Graph, Node

MOST_BITS = 512  # of a fraction that is computed with: a point has 60
MOST_TERMS = 20  # of a sum: their fractions make one of so many times as many bits
_RATIONAL: dict[str, Callable[..., Any]] = {
    "add": lambda *xs: sum(xs),
    "mul": lambda *xs: math.prod(xs),
    "pow": lambda x, n: x ** int(n),
    "abs": abs,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "heaviside": lambda x: Fraction(1 + (x > 0) - (x < 0), 2),
    "max": max,
    "min": min,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
}
_JUMPS = frozenset({"sign", "heaviside", "lt", "le", "eq"})


def deciding(graph: Graph, order: Sequence[int]) -> frozenset[int]:
    """The rational nodes of `order` that are jumps or poles, and what these are made of."""
    rational: set[int] = set()
    found: list[int] = []
    for i in order:
        op, *rest = graph.nodes[i]
        power = graph.value(rest[1]) if op == "pow" else None
        whole = op != "pow" or (power is not None and power.denominator == 1)
        if op in ("num", "sym") or (op in _RATIONAL and whole and all(j in rational for j in rest)):
            rational.add(i)
            found += [i] if op in _JUMPS or (power is not None and power < 0) else []
    return frozenset(graph.reach(found))


def exact(node: Node, fractions: Mapping[int, Fraction], point: Mapping[str, Fraction]) -> Fraction | bool | None:
    """The value of a rational node from those of its arguments; None where these are unknown or too long.

    ZeroDivisionError at a pole.
    """
    op = node[0]
    if op in ("num", "sym"):
        value = node[1] if op == "num" else point[node[1]]
    else:
        try:
            given = [fractions[j] for j in node[1:]]
        except KeyError:
            return None
        if len(given) > MOST_TERMS or (op == "pow" and abs(int(given[1])) * _bits(given[0]) > MOST_BITS):
            return None
        value = _RATIONAL[op](*given)
    return value if _bits(value) <= MOST_BITS else None


def _bits(x: Fraction | bool) -> int:
    return max(x.numerator.bit_length(), x.denominator.bit_length())
