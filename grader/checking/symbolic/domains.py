"""Where a question's symbols live: `{"x": "real", "alpha": "positive", "y": "label01"}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import CourseError

_NUMBER = r"(-?(?:\d+(?:\.\d*)?|\.\d+))"
_INTERVAL = re.compile(rf"in\({_NUMBER},{_NUMBER}\)")
_INTEGERS = re.compile(r"integer(?:\s*>=\s*(-?\d+))?")


@dataclass(frozen=True)
class Domain:
    """Where one symbol lives: an open interval (None: unbounded), of which `whole` leaves the integers, or `values`."""

    low: Fraction | None = None
    high: Fraction | None = None
    values: tuple[Fraction, ...] = ()
    whole: bool = False

    @property
    def discrete(self) -> bool:
        """Does nothing lie beside a value? Then no value is a kink, and each counts."""
        return self.whole or bool(self.values)

    @property
    def step(self) -> Fraction:
        """How far a point may be moved to be beside itself."""
        return Fraction(0) if self.values else Fraction(1) if self.whole else Fraction(1, 10**9)

    def holds(self, x: Fraction) -> bool:
        if self.values:
            return x in self.values
        inside = (self.low is None or x > self.low) and (self.high is None or x < self.high)
        return inside and (not self.whole or x.denominator == 1)

    def settled(self, x: Fraction) -> Fraction:
        """`x`, or the integer of this domain that is next to it."""
        if not self.whole:
            return x
        nearest = Fraction(round(x))
        return nearest if self.low is None else max(nearest, self.low + 1)


_NAMED = {
    "real": Domain(),
    "positive": Domain(low=Fraction(0)),
    "negative": Domain(high=Fraction(0)),
    "label01": Domain(values=(Fraction(1), Fraction(0))),
    "label+-1": Domain(values=(Fraction(1), Fraction(-1))),
}


def domain(name: str, text: str) -> Domain:
    """`real`, `positive`, `negative`, `in(0,1)`, `integer`, `integer>=2`, `label01`, `label+-1`; CourseError else."""
    plain = text.replace(" ", "")
    if plain in _NAMED:
        return _NAMED[plain]
    if match := _INTEGERS.fullmatch(plain):
        return Domain(low=Fraction(match.group(1)) - 1 if match.group(1) else None, whole=True)
    if match := _INTERVAL.fullmatch(plain):
        low_, high_ = Fraction(match.group(1)), Fraction(match.group(2))
        if low_ < high_:
            return Domain(low=low_, high=high_)
    raise CourseError(
        f"the domain of {name} is {text!r}; write real, positive, negative, in(a,b), integer, integer>=k, label01 "
        "or label+-1."
    )
