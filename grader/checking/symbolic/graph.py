"""Formulas as one shared graph: equal parts are one node, so nothing is stored, evaluated or compared twice.

A node is a tuple, its id is its place in `Graph.nodes`, and its arguments always come before it: everything that walks
a graph is a loop, never a recursion that a student's text could make deep.

    ("num", Fraction)  ("sym", "x")  ("add", i, j, ...)  ("mul", i, j, ...)  ("pow", i, j)
    (name, i)                 for the names in UNARY       ("max", i, j)  ("min", i, j)
    ("choose", c, v, c, v, ...)  the first value whose condition holds; undefined where none does
    ("lt", i, j)  ("le", i, j)  ("eq", i, j)  ("not", c)  ("and", c, ...)  ("or", c, ...)  ("true",)  ("pi",)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

UNARY = frozenset(
    {"exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"}
    | {"sech", "erf", "erfc", "abs", "sign", "heaviside", "sigmoid", "softplus"}
)
CONDITIONS = frozenset({"lt", "le", "eq", "not", "and", "or", "true"})
MAX_NODES = 500  # symbolic.md: the longest honest derivative of the trial had 90
MAX_BITS = 4000  # symbolic.md: a number of more bits is a bomb, not a coefficient
MAX_EXPONENT = 1000  # symbolic.md: of a literal integer power

Node = tuple[Any, ...]
Ids = tuple[int, ...]


class Bomb(Exception):
    """A formula that would grow beyond the limits; `what` is the key of the sentence that says which."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Graph:
    """A growing list of nodes in which each distinct node is kept once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._ids: dict[Node, int] = {}
        self._room = MAX_NODES

    def begin(self) -> None:
        """A new formula begins: it may build MAX_NODES nodes, found again or not."""
        self._room = MAX_NODES

    def put(self, *node: Any) -> int:
        """The id of `node`; Bomb when the formula has built too many."""
        self._room -= 1
        if self._room < 0:
            raise Bomb("nodes")
        found = self._ids.get(node)
        if found is None:
            found = self._ids[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    def number(self, value: Fraction | int) -> int:
        value = Fraction(value)
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            raise Bomb("number")
        return self.put("num", value)

    def value(self, i: int) -> Fraction | None:
        """The number that node `i` is, or None."""
        node = self.nodes[i]
        return node[1] if node[0] == "num" else None

    def add(self, *terms: int) -> int:
        """Their sum: nested sums spliced, numbers added up, terms in the order of their ids."""
        return self._folded("add", operator.add, Fraction(0), terms)

    def mul(self, *factors: int) -> int:
        """Their product: nested products spliced, numbers multiplied, factors in the order of their ids."""
        return self._folded("mul", operator.mul, Fraction(1), factors)

    def power(self, base: int, exponent: int) -> int:
        """`base ** exponent`, folded where both are numbers; Bomb beyond the limits on literal powers."""
        low, high = self.value(base), self.value(exponent)
        if high is not None and abs(high) > MAX_EXPONENT:
            raise Bomb("exponent")
        if high == 1:
            return base
        if self.nodes[base] == ("exp", self._ids.get(("num", Fraction(1)))):
            return self.put("exp", exponent)
        if low is None or high is None or high.denominator != 1 or (low == 0 and high <= 0):
            return self.put("pow", base, exponent)
        bits = max(low.numerator.bit_length(), low.denominator.bit_length())
        if bits * abs(high) > MAX_BITS and abs(low) != 1:
            raise Bomb("number")
        return self.number(low ** int(high))

    def minus(self, i: int) -> int:
        return self.mul(self.number(-1), i)

    def over(self, top: int, bottom: int) -> int:
        return self.mul(top, self.power(bottom, self.number(-1)))

    def reach(self, roots: Iterable[int]) -> list[int]:
        """The ids of everything that `roots` are made of, arguments first."""
        seen: set[int] = set()
        waiting = list(roots)
        while waiting:
            i = waiting.pop()
            if i not in seen:
                seen.add(i)
                waiting += arguments(self.nodes[i])
        return sorted(seen)

    def names(self, roots: Iterable[int]) -> list[str]:
        """The symbols in `roots`, in the order in which they were first read."""
        return [self.nodes[i][1] for i in self.reach(roots) if self.nodes[i][0] == "sym"]

    def _folded(self, op: str, fold: Callable[[Fraction, Fraction], Fraction], neutral: Fraction, ids: Ids) -> int:
        flat: list[int] = []
        for i in ids:
            flat += self.nodes[i][1:] if self.nodes[i][0] == op else [i]
        if len(flat) > MAX_NODES:
            raise Bomb("nodes")
        total, rest = neutral, []
        for i in flat:
            value = self.value(i)
            if value is None:
                rest.append(i)
            else:
                total = fold(total, value)
        if total != neutral or not rest:
            rest.append(self.number(total))
        return rest[0] if len(rest) == 1 else self.put(op, *sorted(rest))


def arguments(node: Node) -> Ids:
    """The ids that `node` is made of."""
    return () if node[0] in ("num", "sym") else node[1:]
