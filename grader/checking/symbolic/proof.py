"""Proves that two formulas are equal: cell by cell, with exp and its kin as letters, their difference is zero.

Each Abs, Max, sign or condition asks for the sign of something: both signs are followed, but for those that the domains
exclude, and a proof holds in every cell that is left. Labels are followed value by value, for they may make it zero.
Hyperbolic and logistic functions become fractions in exp.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction
from math import isqrt

from grader.checking.symbolic.domains import Domain
from grader.checking.symbolic.graph import Graph, Node
from grader.checking.symbolic.rational import ONE, Exponent, Field, Hopeless, Ratio, Sum
from grader.checking.symbolic.signs import Ask, Key, Signs

MOST_CELLS = 64  # cells that one proof may visit


def proved(graph: Graph, left: int, right: int, domains: Mapping[str, Domain], seconds: float) -> bool:
    """True when left == right wherever both are defined, kinks apart; False says only that no proof was found.

    `seconds` are of this thread's processor time.
    """
    field = Field(time.thread_time() + seconds)
    waiting: list[dict[Key, Fraction | int]] = [{}]
    visited = 0
    while waiting:
        chosen = waiting.pop()
        visited += 1
        if visited > MOST_CELLS:
            return False
        try:
            cell = _Cell(graph, field, domains, chosen)
            values = cell.values(graph.reach((left, right)))
            if left not in values or right not in values:
                if left in values or right in values:
                    return False
                continue  # undefined on both sides
            if not field.vanishes(field.add(values[left], field.minus(values[right])).sum):
                return False
        except Ask as ask:
            waiting += [{**chosen, ask.key: choice} for choice in ask.choices]
        except (Hopeless, ZeroDivisionError):
            return False
    return True


class _Cell:
    """The formulas' values as ratios where what was asked for is `chosen`."""

    def __init__(
        self, graph: Graph, field: Field, domains: Mapping[str, Domain], chosen: Mapping[Key, Fraction | int]
    ) -> None:
        self.graph, self.field, self.domains, self.chosen = graph, field, domains, chosen
        self.signs = Signs(field, domains, chosen)

    def values(self, order: list[int]) -> dict[int, Ratio]:
        """Each node's ratio; conditions are the numbers 1 and 0; nodes that are undefined here are left out."""
        found: dict[int, Ratio] = {}
        needed = set(order)
        for i in order:
            node = self.graph.nodes[i]
            if i in needed and all(j in found for j in (node[1:] if node[0] not in ("num", "sym", "choose") else ())):
                value = self._value(node, found)
                if value is not None:
                    found[i] = value
        return found

    def _value(self, node: Node, found: Mapping[int, Ratio]) -> Ratio | None:
        field = self.field
        match node:
            case ("num", value):
                return field.number(_exact(value))
            case ("sym", name):
                return self._symbol(name)
            case ("pi",):
                return field.power_of(field.letter("pi", positive=True))
            case ("choose", *branches):
                for condition, value in zip(branches[::2], branches[1::2], strict=True):
                    if condition not in found:
                        return None
                    if found[condition].top:
                        return found.get(value)
                return None
        op, given = node[0], [found[i] for i in node[1:]]
        match op:
            case "add":
                return field.add(*given)
            case "mul":
                return field.mul(*given)
            case "pow":
                return self._power(*given)
            case "max" | "min" | "lt" | "le" | "eq":
                left, right = given
                sign = self.signs.of(field.add(right, field.minus(left)))
                if op in ("max", "min"):
                    return right if (sign > 0) == (op == "max") else left
                return field.number(int(sign > 0 if op == "lt" else sign >= 0 if op == "le" else sign == 0))
            case "and" | "true":
                return field.number(int(all(condition.top for condition in given)))
            case "or":
                return field.number(int(any(condition.top for condition in given)))
            case "not":
                return field.number(int(not given[0].top))
        return self._function(op, given[0])

    def _function(self, op: str, x: Ratio) -> Ratio:
        field = self.field
        one = field.number(1)
        match op:
            case "exp":
                return self.exp(x)
            case "log":
                return self.log(x)
            case "abs":
                return field.multiple(self.signs.of(x), x)
            case "sign":
                return field.number(self.signs.of(x))
            case "heaviside":
                return field.number(Fraction(1 + self.signs.of(x), 2))
            case "sigmoid":
                e = self.exp(x)
                return field.over(e, field.add(one, e))
            case "softplus":
                return self.log(field.add(one, self.exp(x)))
            case "tanh":
                e = self.exp(field.multiple(2, x))
                return field.over(field.add(e, field.number(-1)), field.add(e, one))
            case "sinh" | "cosh" | "sech":
                e = self.exp(x)
                both = field.add(e, field.multiple(-1 if op == "sinh" else 1, field.inverse(e)))
                return field.over(field.number(2), both) if op == "sech" else field.multiple(Fraction(1, 2), both)
            case "tan":
                return field.over(self._function("sin", x), self._function("cos", x))
            case "erfc":
                return field.add(one, field.minus(self._function("erf", x)))
        return self._opaque(op, x)

    def _opaque(self, op: str, x: Ratio) -> Ratio:
        """A function that stays a letter: odd and even ones by the sign of their argument's first term."""
        field = self.field
        odd = op in ("erf", "sin", "atan", "asin", "asinh", "atanh")
        flipped = bool(x.top) and x.top[-1][1] < 0 and (odd or op == "cos")
        if flipped:
            x = field.minus(x)
        if not x.top and odd:
            return x
        letter = field.letter((op, x))
        if op == "cos" and letter not in field.relations:
            sine = field.letter(("sin", x))
            field.relations[letter] = (2, {ONE: 1, ((sine, 2),): -1})
        return field.multiple(-1 if flipped and odd else 1, field.power_of(letter))

    def exp(self, x: Ratio) -> Ratio:
        """exp of a sum is the product of its terms' powers; exp(n log u) is u ** n where u > 0."""
        field = self.field
        result = field.number(1)
        for powers, c in x.top:
            meaning = field.letters[powers[0][0]] if len(powers) == 1 and powers[0][1] == 1 and not x.under else None
            if isinstance(meaning, tuple) and meaning[0] == "log" and Fraction(c).denominator == 1:
                inner = self._logged(meaning[1])
                if inner is not None:
                    result = field.mul(result, field.power(inner, int(c)))
                    continue
            result = field.mul(result, field.power_of(field.letter(("exp", powers, x.under), positive=True), c))
        return result

    def _logged(self, of: tuple[str, int]) -> Ratio | None:
        """u of a letter log|u|, where u is known to be positive."""
        kind, number = of
        if kind == "letter":
            return self.field.power_of(number) if number in self.field.positive else None
        return self.field.ratio(self.field.sums[number]) if self.signs.shown(self.field.sums[number]) == 1 else None

    def log(self, x: Ratio) -> Ratio:
        """log of a product is the sum of the logs of its parts' sizes (x > 0 is where log x is defined)."""
        field = self.field
        c, powers, rest = field.parted(x.sum)
        terms = [self._log_number(abs(Fraction(c)))]
        for letter, exponent in powers:
            meaning = field.letters[letter]
            if isinstance(meaning, tuple) and meaning[0] == "exp":
                terms.append(field.multiple(exponent, Ratio(((meaning[1], 1),), meaning[2])))
            else:
                terms.append(self._log_of(("letter", letter), exponent))
        if rest != {ONE: 1}:
            terms.append(self._log_of(("sum", field.register(rest))))
        terms += [self._log_of(("sum", number), -n) for number, n in x.under]
        return field.add(*terms)

    def _log_number(self, c: Fraction) -> Ratio:
        primes = [self._log_of(("letter", self.field.prime(p)), n) for p, n in _factors(c).items()]
        return self.field.add(*primes)

    def _log_of(self, part: tuple[str, int], times: Exponent = 1) -> Ratio:
        """So many times the logarithm of a letter or a registered sum, a letter itself."""
        return self.field.multiple(times, self.field.power_of(self.field.letter(("log", part))))

    def _power(self, base: Ratio, exponent: Ratio) -> Ratio:
        field = self.field
        constant = dict(exponent.top).get(ONE, 0) if not exponent.under else 0
        if exponent.top == (((ONE, constant),) if constant else ()):
            if Fraction(constant).denominator == 1:
                return field.power(base, int(constant))
            return self._root(base, Fraction(constant))
        whole = int(Fraction(constant) // 1)
        rest = field.add(exponent, field.number(-whole))
        letter = field.letter(("pow", base, rest))
        return field.mul(field.power(base, whole), field.power_of(letter))

    def _root(self, base: Ratio, exponent: Fraction) -> Ratio:
        """A broken power: numbers by their primes, positive letters by their exponents, else a letter of its own."""
        field = self.field
        c, powers, rest = field.parted(base.sum)
        c = Fraction(c)
        if any(letter not in field.positive for letter, _ in powers) or any(
            self.signs.shown(field.sums[k]) != 1 for k, _ in base.under
        ):
            raise Hopeless
        if c < 0:
            c, rest = -c, {p: -x for p, x in rest.items()}
        result = field.number(1)
        for p, n in _factors(c).items():
            result = field.mul(result, field.power_of(field.prime(p), n * exponent))
        result = field.mul(result, field.ratio(field.scaled(powers, exponent)))
        for number, n in base.under:
            result = field.mul(result, self._root_of(field.sums[number], -n * exponent))
        return result if rest == {ONE: 1} else field.mul(result, self._root_of(rest, exponent))

    def _root_of(self, a: Sum, exponent: Fraction) -> Ratio:
        field = self.field
        degree = exponent.denominator
        if a == {ONE: -1}:
            raise Hopeless
        letter = field.letter(("root", frozenset(a.items()), degree), positive=True)
        field.relations[letter] = (degree, a)
        return field.power_of(letter, exponent.numerator)

    def _symbol(self, name: str) -> Ratio:
        if ("value", name) in self.chosen:
            return self.field.number(_exact(Fraction(self.chosen["value", name])))
        where = self.domains[name]
        letter = self.field.letter(("sym", name), positive=where.low is not None and where.low >= 0)
        self.signs.bound(letter, name)
        if where.values and set(where.values) == {1, 0}:
            self.field.relations[letter] = (2, {((letter, 1),): 1})  # y * y = y
        elif where.values and set(where.values) == {1, -1}:
            self.field.relations[letter] = (2, {ONE: 1})  # y * y = 1
        return self.field.power_of(letter)


def _exact(value: Fraction) -> Exponent:
    return value.numerator if value.denominator == 1 else value


def _factors(c: Fraction) -> dict[int, int]:
    """The primes of a positive fraction with their exponents; what is left after trial division counts as one prime."""
    found: dict[int, int] = {}
    for number, way in ((c.numerator, 1), (c.denominator, -1)):
        p = 2
        while number > 1:
            if p > min(isqrt(number), 1000):
                p = number
            while number % p == 0:
                number //= p
                found[p] = found.get(p, 0) + way
            p += 1
    return found
