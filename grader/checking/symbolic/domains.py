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
    """Where one symbol lives: an open interval (None: unbounded), or the listed values."""

    low: Fraction | None = None
    high: Fraction | None = None
    values: tuple[Fraction, ...] = ()

    def holds(self, x: Fraction) -> bool:
        if self.values:
            return x in self.values
        return (self.low is None or x > self.low) and (self.high is None or x < self.high)


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
        low = int(match.group(1)) if match.group(1) else None
        return Domain(values=tuple(map(Fraction, range(low, low + 6) if low is not None else (2, -1, 3, 1, 0, -2))))
    if match := _INTERVAL.fullmatch(plain):
        low_, high_ = Fraction(match.group(1)), Fraction(match.group(2))
        if low_ < high_:
            return Domain(low=low_, high=high_)
    raise CourseError(
        f"the domain of {name} is {text!r}; write real, positive, negative, in(a,b), integer, integer>=k, label01 "
        "or label+-1."
    )
