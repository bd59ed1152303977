"""Exact arithmetic with fractions of sums of powers, in which exp(x), log(1 + exp(x)) or sqrt(2) are letters like x.

A `Sum` is {powers: coefficient}; `powers` is a sorted tuple of (letter, exponent), the exponents any fractions.
A `Ratio` is such a sum over a product of powers of registered sums, which stay multiplied out of one another.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Exponent = int | Fraction
Powers = tuple[tuple[int, Exponent], ...]
Sum = dict[Powers, Exponent]

ONE: Powers = ()
MOST_TERMS = 3000  # of one sum: a proof that needs more takes longer than it may
MOST_EXPANDED = 40  # the highest power of a sum that is multiplied out


class Hopeless(Exception):
    """This proof is too long, or needs something that we do not know."""


@dataclass(frozen=True)
class Ratio:
    """`top` over the product of the registered sums in `under` (sum's number, exponent > 0)."""

    top: tuple[tuple[Powers, Exponent], ...]
    under: tuple[tuple[int, int], ...] = ()

    @property
    def sum(self) -> Sum:
        return dict(self.top)


class Field:
    """The letters and registered sums of one proof, and the arithmetic over them."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline  # by time.thread_time
        self.letters: list[Hashable] = []  # what each letter means
        self.positive: set[int] = set()
        self.numbers: dict[int, int] = {}  # letters that are primes: their whole powers are numbers
        self.relations: dict[int, tuple[int, Sum]] = {}  # letter ** q = sum
        self.sums: list[Sum] = []
        self._letter: dict[Hashable, int] = {}
        self._sum: dict[Any, int] = {}

    def letter(self, meaning: Hashable, positive: bool = False) -> int:
        found = self._letter.get(meaning)
        if found is None:
            found = self._letter[meaning] = len(self.letters)
            self.letters.append(meaning)
            if positive:
                self.positive.add(found)
        return found

    def prime(self, p: int) -> int:
        letter = self.letter(("prime", p), positive=True)
        self.numbers[letter] = p
        return letter

    def power_of(self, letter: int, exponent: Exponent = 1) -> Ratio:
        return self.ratio(self.scaled(((letter, 1),), exponent))

    def number(self, value: Exponent) -> Ratio:
        return Ratio(((ONE, value),) if value else ())

    def times(self, a: Sum, b: Sum) -> Sum:
        if time.thread_time() > self.deadline or len(a) * len(b) > 40 * MOST_TERMS:
            raise Hopeless
        product: Sum = {}
        for p, x in a.items():
            for q, y in b.items():
                powers, factor = self._joined(p, q)
                total = product.get(powers, 0) + (x * y if factor == 1 else x * y * factor)
                if total:
                    product[powers] = total
                else:
                    del product[powers]
        if len(product) > MOST_TERMS:
            raise Hopeless
        return product

    def _joined(self, p: Powers, q: Powers) -> tuple[Powers, Exponent]:
        if not p or not q:
            return p or q, 1
        powers = dict(p)
        for letter, exponent in q:
            powers[letter] = powers.get(letter, 0) + exponent
        return self.settled(powers)

    def settled(self, powers: dict[int, Exponent]) -> tuple[Powers, Exponent]:
        """The powers in order, and the number that whole powers of primes come to."""
        factor: Exponent = 1
        for letter in self.numbers.keys() & powers.keys():
            whole = int(powers[letter] // 1)
            if whole:
                factor = factor * Fraction(self.numbers[letter]) ** whole
                powers[letter] -= whole
        return tuple(sorted((k, e) for k, e in powers.items() if e)), factor

    def scaled(self, powers: Powers, by: Exponent) -> Sum:
        """The product of `powers`, raised to `by`."""
        settled, factor = self.settled({letter: exponent * by for letter, exponent in powers})
        return {settled: factor}

    def raised(self, a: Sum, n: int) -> Sum:
        if n > MOST_EXPANDED and len(a) > 1:
            raise Hopeless
        if len(a) == 1:
            ((powers, c),) = a.items()
            return self.times({ONE: Fraction(c) ** n}, self.scaled(powers, n))
        result: Sum = {ONE: 1}
        for _ in range(n):
            result = self.times(result, a)
        return result

    def register(self, a: Sum) -> int:
        """The number of a sum that has been through `parted`."""
        key = frozenset(a.items())
        found = self._sum.get(key)
        if found is None:
            found = self._sum[key] = len(self.sums)
            self.sums.append(a)
        return found

    def parted(self, a: Sum) -> tuple[Exponent, Powers, Sum]:
        """`a` as number x powers x a sum whose lowest exponents are zero and whose first coefficient is 1."""
        if not a:
            raise ZeroDivisionError
        if len(a) == 1:
            ((powers, c),) = a.items()
            return c, powers, {ONE: 1}
        lowest: dict[int, Exponent] = {}
        count: dict[int, int] = {}
        for powers in a:
            for letter, exponent in powers:
                lowest[letter] = min(lowest.get(letter, exponent), exponent)
                count[letter] = count.get(letter, 0) + 1
        common = tuple(
            sorted((k, e if count[k] == len(a) else min(e, 0)) for k, e in lowest.items() if k not in self.numbers)
        )
        common = tuple((k, e) for k, e in common if e)
        rest = self.times(a, {tuple((k, -e) for k, e in common): 1}) if common else dict(a)
        first = rest[max(rest)]
        return first, common, rest if first == 1 else {p: Fraction(c) / first for p, c in rest.items()}

    def ratio(self, top: Sum, under: dict[int, int] | None = None) -> Ratio:
        return Ratio(
            tuple(sorted(top.items())), tuple(sorted((k, n) for k, n in (under or {}).items() if n)) if top else ()
        )

    def add(self, *ratios: Ratio) -> Ratio:
        under: dict[int, int] = {}
        for r in ratios:
            for k, n in r.under:
                under[k] = max(under.get(k, 0), n)
        total: Sum = {}
        for r in ratios:
            top = r.sum
            own = dict(r.under)
            for k, n in under.items():
                if n > own.get(k, 0):
                    top = self.times(top, self.raised(self.sums[k], n - own.get(k, 0)))
            _accumulate(total, top)
        return self.ratio(total, under)

    def mul(self, *ratios: Ratio) -> Ratio:
        top: Sum = {ONE: 1}
        under: dict[int, int] = {}
        for r in ratios:
            top = self.times(top, r.sum)
            for k, n in r.under:
                under[k] = under.get(k, 0) + n
        return self.ratio(top, under)

    def multiple(self, n: Exponent, r: Ratio) -> Ratio:
        return self.mul(self.number(n), r)

    def minus(self, r: Ratio) -> Ratio:
        return self.multiple(-1, r)

    def over(self, top: Ratio, bottom: Ratio) -> Ratio:
        return self.mul(top, self.inverse(bottom))

    def inverse(self, r: Ratio) -> Ratio:
        c, powers, rest = self.parted(self.reduced(r.sum))
        top = self.times(self.scaled(powers, -1), {ONE: 1 / Fraction(c)})
        for k, n in r.under:
            top = self.times(top, self.raised(self.sums[k], n))
        return self.ratio(top, {self.register(rest): 1} if rest != {ONE: 1} else {})

    def power(self, r: Ratio, n: int) -> Ratio:
        if n == 0:
            return self.number(1)
        if n < 0:
            flipped = self.inverse(Ratio(r.top))
            lifted = self.power(flipped, -n)
            top = lifted.sum
            for k, m in r.under:
                top = self.times(top, self.raised(self.sums[k], -n * m))
            return self.ratio(top, dict(lifted.under))
        return self.ratio(self.raised(r.sum, n), {k: m * n for k, m in r.under})

    def vanishes(self, a: Sum) -> bool:
        """Is `a` zero, by the letters' relations, wherever it is defined?"""
        for letter in self.relations:
            low = min((dict(powers).get(letter, 0) for powers in a), default=0)
            if low < 0:
                a = self.times(a, {((letter, -low),): 1})
        return not self.reduced(a)

    def reduced(self, a: Sum) -> Sum:
        """`a` with the letters' relations used until none applies."""
        for _ in range(4 * MOST_EXPANDED):
            for letter, (degree, meaning) in self.relations.items():
                if max((dict(powers).get(letter, 0) for powers in a), default=0) >= degree:
                    a = self._lowered(a, letter, degree, meaning)
                    break
            else:
                return a
        raise Hopeless

    def _lowered(self, a: Sum, letter: int, degree: int, meaning: Sum) -> Sum:
        total: Sum = {}
        for powers, c in a.items():
            exponent = dict(powers).get(letter, 0)
            part: Sum = {powers: c}
            if exponent >= degree:
                part = self.times(
                    {tuple((k, e - degree if k == letter else e) for k, e in powers if k != letter or e != degree): c},
                    meaning,
                )
            _accumulate(total, part)
        return total


def _accumulate(total: Sum, more: Sum) -> None:
    """Add `more` to `total`, in place."""
    for powers, c in more.items():
        value = total.get(powers, 0) + c
        if value:
            total[powers] = value
        else:
            del total[powers]
