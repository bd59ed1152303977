"""What a comparison comes to, and the sentence about the place where two formulas differ.

A student never reads an expected value here; an instructor does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from grader.checking.symbolic.evaluate import Precise, as_number, in_digits
from grader.checking.symbolic.sampling import Point
from grader.phrases import phrase
from grader.records import Text

DIGITS = 50  # what points are compared with; a difference must survive twice as many


class Decision(StrEnum):
    """What a comparison comes to."""

    PROVED = "equal-proved"
    NUMERICALLY = "equal-numerically"
    ROUNDING = "equal-up-to-rounding"
    DIFFERENT = "different"
    UNDECIDED = "undecided"
    REFUSED = "refused"


@dataclass(frozen=True)
class Comparison:
    """The verdict, why, and where.

    `counterexample` is {"at": {symbol: number}, "yours": number or "undefined", "expected": number}, or None; a
    number that no float holds is a text.
    `texts` are for the student and never hold an expected value; `notes` are for the instructor.
    """

    verdict: Decision
    counterexample: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    texts: tuple[Text, ...] = field(default=(), compare=False)
    points: int = 0
    cells: int = 0
    largest: float = 0.0  # the largest relative difference seen

    @property
    def equal(self) -> bool:
        return self.verdict in (Decision.PROVED, Decision.NUMERICALLY)


def plain(x: Fraction) -> int | float:
    return x.numerator if x.denominator == 1 else float(x)


def counterexample(precise: Precise, point: Point) -> tuple[dict[str, Any], Any, Any]:
    """What a comparison shows of the point, and the two values themselves."""
    a, b = precise.surely(point.at, DIGITS).values
    shown = {
        "at": {name: plain(value) for name, value in point.at.items()},
        "yours": "undefined" if a is None else as_number(a),
        "expected": as_number(b),
    }
    return shown, a, b


def different_at(precise: Precise, point: Point, largest: float, valid: int, cells: int) -> Comparison:
    """The comparison of two formulas with different values at this point."""
    (where, yours, expected), at = counterexample(precise, point), _places(point)
    told = _told(yours, expected)
    text = phrase("same.different", at=at, yours=told) if at else phrase("same.constant", yours=told)
    note = f"{at}: yours {in_digits(yours, 12)}, expected {in_digits(expected, 12)}"
    return Comparison(Decision.DIFFERENT, where, (note,), (text,), valid, cells, largest)


def undefined_at(precise: Precise, point: Point, valid: int, cells: int) -> Comparison:
    """The comparison with an answer that has no value around this point, where the expected formula has one."""
    (where, _, expected), at = counterexample(precise, point), _places(point)
    text = phrase("same.undefined", at=at)
    note = f"domain: undefined around {at}, where {as_number(expected)} is expected"
    return Comparison(Decision.DIFFERENT, where, (note,), (text,), valid, cells, float("inf"))


def _told(yours: Any, expected: Any) -> str:
    """`yours` with three digits, or with as many as tell it from the expected value, which no student may read here."""
    for digits in range(3, 17):
        if in_digits(yours, digits) != in_digits(expected, digits):
            return in_digits(yours, digits)
    return in_digits(yours, 17)


def _places(point: Point) -> str:
    return ", ".join(f"{name} = {plain(value):.12g}" for name, value in point.at.items())
