"""`answer == close(expected)`: the comparer for numbers, tables, dicts and words, which never tells the answer.

An entry is tried as right, as following from the student's own earlier answers, as rounded too early, as each known
mistake, in that order, and earns the share of the first that fits. `==` is True for whatever earns something; shares,
hints and sentences go into the check's ledger, expected values into the instructor's detail alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from grader.checking.distance import Array, Tolerance, within
from grader.checking.judging import Seen, fits, judge, look
from grader.checking.ledger import Comparer, Ledger, mistake_of, share_of
from grader.checking.levels import Level, Levels
from grader.checking.messages import Loss, describe
from grader.checking.reading import Form
from grader.checking.trees import Numbers, Part, Row, at, entries, parts, same_form, tree_of, unexpected
from grader.checking.wording import cut, together
from grader.errors import CourseError
from grader.phrases import phrase

SHAPES = ("same", "squeeze", "any")


def close(
    expected: Any,
    *,
    atol: float = 1e-9,
    rtol: float = 1e-6,
    band: float | None = None,
    band_share: float = 0.75,
    carried: Callable[[], Any] | None = None,
    carried_share: float = 0.8,
    carried_atol: float = 1e-6,
    mistakes: Sequence[tuple[Any, ...]] = (),
    each: bool = False,
    nan: bool = False,
    dtype: Any = None,
    shape: str = "same",
) -> Close:
    """A comparer: `answer == close(expected)` is True if the answer is right or recognised.

    expected: a number, True or False, a text, None, an array or tensor, or lists, tuples and dicts of these. Lists,
    tuples and arrays of any numeric dtype are alike; True is no number, a quoted number neither; NaN and infinities
    equal nothing. A dict needs every key; without `each` it may have no other.

    atol, rtol: |answer - expected| <= atol + rtol * |expected|. Where a whole number is expected (an int or an integer
        array) the relative part is at most 1e-3, for counts are exact; a range of counts is said with atol.
    band, band_share: within this absolute distance it was rounded too early and earns band_share.
    carried, carried_share, carried_atol: a function without arguments, called only if something is wrong, that works
        the value out anew from the student's own earlier answers; who is within carried_atol + 1e-6 * |value| of it
        earns carried_share. If it fails, or gives zeros, something not finite or another shape, it carries nothing.
    mistakes: (share, value, hint) triples; the value may be a function of the right one, which it gets as an array (as
        it is if it is a dict or no rectangular list). A share of 0 gives the hint alone. The tolerance is the same.
    each: every entry earns for itself, the share is the mean. Entries are the numbers of a table, the leaves of a dict,
        the items of any other list (a row of a ragged table is one entry, and `n` is the row `(n,)`). A cell still
        `...` earns nothing and is told as unwritten. A mistake of another shape is compared as a whole with an answer
        of that shape.
    nan: NaN equals NaN, and an infinity the same infinity.
    dtype: the arrays' dtype must be this one; lists are refused, of a plain number only the kind is known.
    shape: "same"; "squeeze" (axes of length one do not count); "any" (only the entries and their order count).

    Raises CourseError if it is itself called wrongly. Comparing never raises, except Ungraded out of `carried`.
    """
    if shape not in SHAPES:
        raise CourseError(f"close(shape={shape!r}) is not one of {', '.join(SHAPES)}.")
    if not (atol >= 0 and rtol >= 0 and carried_atol >= 0 and (band is None or band >= 0)):
        raise CourseError("close() was given a negative tolerance; they are distances.")
    levels = Levels(
        expected=expected,
        tree=tree_of(expected),
        exact=Tolerance(float(atol), float(rtol), nan=nan),
        each=each,
        band=band,
        band_share=share_of(band_share, "close"),
        carried=carried,
        carried_share=share_of(carried_share, "close"),
        carried_atol=float(carried_atol),
        mistakes=tuple(mistake_of(mistake, "close") for mistake in mistakes),
    )
    return Close(levels, Form(shape, _dtype(dtype)))


def _dtype(dtype: Any) -> np.dtype[Any] | None:
    try:
        return None if dtype is None else np.dtype(dtype)
    except TypeError as fault:
        raise CourseError(f"close() was given the dtype {dtype!r}, which numpy does not know.") from fault


@dataclass(frozen=True, eq=False, repr=False)
class Close(Comparer):
    """What `close` returns."""

    levels: Levels
    form: Form

    def __repr__(self) -> str:
        return f"close({cut(self.levels.expected)}{', each=True' if self.levels.each else ''})"

    def _compare(self, answer: object, ledger: Ledger) -> bool:
        levels = self.levels
        each = levels.each and entries(levels.tree) > 0
        laid_out = parts(levels.tree, answer, deep=False) if each else [Part((), levels.tree, answer)]
        units = [_unit(part, levels.exact, self.form, each) for part in laid_out]
        reached = [Level(Fraction(1), levels.tree, levels.exact)]
        below = levels.below()
        while any((unit.level < 0).any() for unit in units) and (level := next(below, None)) is not None:
            for unit in units:
                _settle(unit, len(reached), level, self.form)
            reached.append(level)
        found = np.concatenate([unit.level for unit in units])
        counted = [(level, int(np.count_nonzero(found == index))) for index, level in enumerate(reached)]
        share = sum((level.share * count for level, count in counted), Fraction(0)) / found.size
        if share < 1:
            self._tell(answer, ledger, units, counted, share)
        return share > 0

    def _tell(
        self, answer: object, ledger: Ledger, units: list[_Unit], counted: list[tuple[Level, int]], share: Fraction
    ) -> None:
        """Write down what was found: one text for the student, the hints, the detail for the instructor."""
        each, total = self.levels.each, sum(unit.level.size for unit in units)
        nothing = np.array([level.share == 0 for level, _ in counted] + [True])  # the last for level -1
        losses = [loss for unit in units if nothing[unit.level].any() for loss in _losses(unit, nothing[unit.level])]
        surplus = unexpected(self.levels.tree, answer) if each or not share else []
        sentences = [describe(losses, surplus, total, self.levels.exact, counted=each)]
        hints = []
        for level, count in counted[1:]:
            if count and level.hint is not None:
                hints.append(level.hint)
            elif count and level.share:
                sentences.append(phrase(f"{level.key}.each", count=count, total=total) if each else phrase(level.key))
        text = together(sentences)
        detail = f"expected {cut(self.levels.expected)}\ngot {cut(answer)}"
        if share:
            ledger.recognise(share, text=text if text.en else None)
            ledger.details.append(detail)
        else:
            ledger.differ(text, detail)
        ledger.hints += hints
        ledger.unwritten += sum(loss.blank for loss in losses)
        ledger.written += sum(seen.different.size - seen.blank for unit in units for seen in unit.seen)


@dataclass
class _Unit:
    """What earns by itself: a table entry by entry, anything else as a whole. level: (n,), -1 for nothing reached."""

    part: Part
    seen: list[Seen]  # the comparison with the right value
    level: Array
    by_entry: bool


def _unit(part: Part, exact: Tolerance, form: Form, each: bool) -> _Unit:
    """Compare one part with the right value; a row of a list is a whole, and so is everything without each=True."""
    row = bool(part.path) and isinstance(part.path[-1], Row)
    if each and not row:
        seen = look(part, exact, form)
        return _Unit(part, [seen], np.where(seen.right, 0, -1).astype(np.int16), True)
    found = judge(part.tree, part.answer, exact, form, part.path)
    right = all(seen.all_right for seen in found) and not unexpected(part.tree, part.answer)
    return _Unit(part, found, np.array([0 if right else -1], dtype=np.int16), False)


def _settle(unit: _Unit, index: int, level: Level, form: Form) -> None:
    """Let what has reached nothing yet reach this level, if it fits."""
    part, left = unit.part, unit.level < 0
    tree = None if part.fault is not None and part.fault.missing else at(level.tree, part.path)
    if tree is None or not left.any() or (level.same_form and not same_form(part.tree, tree)):
        return
    reading = unit.seen[0].reading if unit.by_entry else None
    if reading is None:
        if fits(tree, part.answer, level.tolerance, form, part.path):
            unit.level[:] = index
    elif isinstance(tree, Numbers) and same_form(part.tree, tree):
        right = within(reading.values, tree.values, level.tolerance).right
        right[reading.unread] = False
        unit.level[left & right] = index


def _losses(unit: _Unit, lost: Array) -> list[Loss]:
    """What has cost points: `lost` entries of a table, leaves of a whole answer, a row of a list as one."""
    if unit.by_entry:
        return [Loss(seen, seen.different & lost, seen.blank) for seen in unit.seen]
    if not unit.part.path:
        return [Loss(seen, seen.different, seen.blank) for seen in unit.seen if not seen.all_right]
    none = np.zeros(1, dtype=bool)
    faults = [Loss(seen, none, 0) for seen in unit.seen if seen.faults]
    blank = any(seen.blank for seen in unit.seen)
    return [*faults, Loss(Seen(unit.part, none), np.array([not faults and not blank]), int(blank))]
