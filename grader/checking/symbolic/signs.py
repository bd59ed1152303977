"""The sign of a sum or a fraction of letters in one cell: shown by its form, known from the domains, or asked for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.checking.symbolic.domains import Domain
from grader.checking.symbolic.rational import ONE, Field, Hopeless, Powers, Ratio, Sum

Key = tuple[str, int | str]  # ("letter", its number), ("sum", its number) or ("value", a symbol)


class Ask(Exception):
    """The proof needs the sign of this letter or sum, or the value of a symbol that has few."""

    def __init__(self, key: Key, choices: tuple[Fraction | int, ...] = (1, -1)) -> None:
        self.key, self.choices = key, choices


class Signs:
    """What is known of signs in a cell: the domains, and what was asked for and chosen."""

    def __init__(self, field: Field, domains: Mapping[str, Domain], chosen: Mapping[Key, Fraction | int]) -> None:
        self.field, self.domains, self.chosen = field, domains, chosen
        self.bounds: dict[int, tuple[Fraction | None, Fraction | None]] = {}
        for letter, meaning in enumerate(field.letters):
            if isinstance(meaning, tuple) and meaning[0] == "sym":
                self.bound(letter, meaning[1])
        for (kind, number), sign in chosen.items():
            if isinstance(number, int):
                self._narrow(kind, number, sign)

    def bound(self, letter: int, name: str) -> None:
        """`letter` is the symbol `name`: between its domain's ends, unless that is known better."""
        self.bounds.setdefault(letter, (self.domains[name].low, self.domains[name].high))

    def of(self, x: Ratio) -> int:
        """1, -1 or 0 in this cell; asks where that is not known."""
        field = self.field
        top = field.reduced(x.sum) if field.relations and len(x.top) > 1 else x.sum
        if not top:
            return 0
        c, powers, rest = field.parted(top)
        sign = 1 if c > 0 else -1
        for letter, exponent in powers:
            if letter not in field.positive and Fraction(exponent).numerator % 2:
                sign *= self._letter_sign(letter)
        if rest != {ONE: 1}:
            sign *= self._sum_sign(rest)
        for number, n in x.under:
            if n % 2:
                sign *= self._sum_sign(field.sums[number])
        return sign

    def _letter_sign(self, letter: int) -> int:
        low, high = self.bounds.get(letter, (None, None))
        if low is not None and low >= 0:
            return 1
        if high is not None and high <= 0:
            return -1
        return self._asked(("letter", letter))

    def _sum_sign(self, a: Sum) -> int:
        known = self.shown(a)
        if known:
            return known
        line = self._line(a)
        if line is not None:
            letter, slope, zero = line
            low, high = self.bounds.get(letter, (None, None))
            if low is not None and low >= zero:
                return 1 if slope > 0 else -1
            if high is not None and high <= zero:
                return -1 if slope > 0 else 1
        if len(a) == 2 and sorted(a.values()) == [-1, 1]:
            more = next(p for p, c in a.items() if c == 1)
            less = next(p for p, c in a.items() if c == -1)
            exponent = self._logarithm(more, less)
            if exponent is not None:
                return self.of(exponent)
        return self._asked(("sum", self.field.register(a)))

    def _asked(self, key: Key) -> int:
        """The sign that was chosen. Where it may be zero, for a symbol is discrete, that symbol's value goes first."""
        for meaning in self.field.letters:
            if isinstance(meaning, tuple) and meaning[0] == "sym" and ("value", meaning[1]) not in self.chosen:
                where = self.domains[meaning[1]]
                if where.whole:
                    raise Hopeless
                if where.values:
                    raise Ask(("value", meaning[1]), where.values)
        if key not in self.chosen:
            raise Ask(key)
        return int(self.chosen[key])

    def _logarithm(self, more: Powers, less: Powers) -> Ratio | None:
        """log(more / less) where both are products of exponentials: exp(u) > 1 where u > 0."""
        field = self.field
        terms = [field.number(0)]
        for powers, way in ((more, 1), (less, -1)):
            for letter, exponent in powers:
                meaning = field.letters[letter]
                if not (isinstance(meaning, tuple) and meaning[0] == "exp"):
                    return None
                terms.append(field.multiple(way * exponent, Ratio(((meaning[1], 1),), meaning[2])))
        return field.add(*terms)

    def shown(self, a: Sum) -> int:
        """The sign that the form alone shows: every term on one side of zero, one of them never zero."""
        positive, signs = self.field.positive, {c > 0 for c in a.values()}
        if any(k not in positive and Fraction(e).numerator % 2 for powers in a for k, e in powers):
            return 0
        if len(signs) != 1 or not any(all(k in positive for k, _ in powers) for powers in a):
            return 0
        return 1 if signs == {True} else -1

    def _line(self, a: Sum) -> tuple[int, Fraction, Fraction] | None:
        """(letter, slope, zero) of a sum that is slope x letter + number."""
        if len(a) != 2 or ONE not in a:
            return None
        powers = next(p for p in a if p != ONE)
        if len(powers) != 1 or powers[0][1] != 1 or powers[0][0] not in self.bounds:
            return None
        slope = Fraction(a[powers])
        return powers[0][0], slope, -Fraction(a[ONE]) / slope

    def _narrow(self, kind: str, number: int, sign: Fraction | int) -> None:
        if kind == "letter":
            letter, slope, zero = number, Fraction(1), Fraction(0)
        else:
            line = self._line(self.field.sums[number])
            if line is None:
                return
            letter, slope, zero = line
        if letter in self.bounds:
            low, high = self.bounds[letter]
            if (slope > 0) == (sign > 0):
                self.bounds[letter] = (zero if low is None else max(low, zero), high)
            else:
                self.bounds[letter] = (low, zero if high is None else min(high, zero))
