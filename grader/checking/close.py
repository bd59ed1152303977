"""`answer == close(expected)`: the comparer for numbers, tables, dicts and words, which says what is wrong without the answer.

An entry is tried as right, as following from the student's own earlier answers, as rounded too early, as each known
mistake, in that order, and earns the share of the first that fits. `==` is True for whatever earns something; shares,
hints and sentences go into the check's ledger, expected values into the instructor's detail alone.
"""

from __future__ import annotations

import copy
import reprlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from grader.checking.distance import Array, Tolerance, within
from grader.checking.findings import describe_entries, describe_whole
from grader.checking.ledger import Hint, Ledger, current
from grader.checking.values import (
    Form,
    Numbers,
    Part,
    Path,
    Reading,
    Row,
    Seen,
    Tree,
    at,
    entries,
    fits,
    judge,
    look,
    parts,
    read,
    same_form,
    tree_of,
    unexpected,
)
from grader.checking.wording import say, together
from grader.errors import CourseError
from grader.records import Text
from grader.sandbox.faults import Ungraded

SHAPES = ("same", "squeeze", "any")
CARRIED_RTOL = 1e-6  # relative, beside carried_atol: a recomputed value repeats the student's own arithmetic

Mistake = tuple[float | Fraction, Any, Hint | str | None]


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
    tree = tree_of(expected)
    if shape not in SHAPES:
        raise CourseError(f"close(shape={shape!r}) is not one of {', '.join(SHAPES)}")
    if not (atol >= 0 and rtol >= 0 and carried_atol >= 0 and (band is None or band >= 0)):
        raise CourseError("close() needs tolerances that are not negative")
    known: list[Mistake] = []
    for mistake in mistakes:
        if len(mistake) not in (2, 3):
            raise CourseError(f"a mistake in close() is (share, value, hint), not {len(mistake)} things")
        known.append((mistake[0], mistake[1], mistake[2] if len(mistake) == 3 else None))
    if not all(0 <= share <= 1 for share in (band_share, carried_share, *(share for share, _, _ in known))):
        raise CourseError("a share in close() lies between 0 and 1")
    form = Form(shape, None if dtype is None else np.dtype(dtype))
    exact = Tolerance(float(atol), float(rtol), nan=nan)
    levels = _Levels(expected, tree, exact, band, band_share, carried, carried_share, float(carried_atol), tuple(known))
    return Close(levels, form, each)


@dataclass(frozen=True)
class _Level:
    """One way to earn something: equal this tree within this tolerance."""

    share: Fraction
    tree: Tree | None
    tolerance: Tolerance
    key: str = "close.known"  # the sentence where no hint is given
    hint: Hint | None = None
    only_same_form: bool = False


@dataclass(frozen=True)
class _Levels:
    """All ways in their order, each made when it is needed."""

    expected: Any
    tree: Tree
    exact: Tolerance
    band: float | None
    band_share: float
    carried: Callable[[], Any] | None
    carried_share: float
    carried_atol: float
    mistakes: tuple[Mistake, ...]

    def in_order(self, each: bool) -> Iterator[_Level]:
        yield _Level(Fraction(1), self.tree, self.exact, "")
        if self.carried is not None:
            tree = _recomputed(self.carried)
            strict = each or _near_zero(tree, self.carried_atol)
            tolerance = Tolerance(self.carried_atol, CARRIED_RTOL, near_zero=strict)
            yield _Level(_fraction(self.carried_share), tree, tolerance, "close.carried", only_same_form=True)
        if self.band is not None:
            tolerance = Tolerance(self.exact.atol, self.exact.rtol, band=self.band, nan=self.exact.nan)
            yield _Level(_fraction(self.band_share), self.tree, tolerance, "close.rounded")
        for share, value, told in self.mistakes:
            told = Hint("", told) if isinstance(told, str) else told
            yield _Level(_fraction(share), self._mistaken(value), self.exact, hint=told)

    def _mistaken(self, value: Any) -> Tree | None:
        """The mistaken value as a tree; None if it cannot be worked out of this right one."""
        try:
            if callable(value):
                right = self.tree.values.copy() if isinstance(self.tree, Numbers) else copy.deepcopy(self.expected)
                with np.errstate(all="ignore"):
                    value = value(right)
            return tree_of(value)
        except Exception:
            return None


@dataclass(frozen=True, eq=False, repr=False)
class Close:
    """What `close` returns; `==` and `!=` compare, from either side."""

    __array_ufunc__: ClassVar[None] = None  # or numpy would compare every entry of an array with us, one by one
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    levels: _Levels
    form: Form
    each: bool

    def __eq__(self, answer: object) -> bool:
        return _compare(self, answer, current())

    def __ne__(self, answer: object) -> bool:
        return not _compare(self, answer, Ledger())  # "is it something else?" recognises nothing in the check's ledger

    def __repr__(self) -> str:
        return f"close({_cut(self.levels.expected)}{', each=True' if self.each else ''})"


@dataclass
class _Unit:
    """A part that is graded by itself: a table entry by entry (reading), anything else as a whole."""

    part: Part
    first: list[Seen]  # what the comparison with the right value saw
    reading: Reading | None
    level: Array  # (n,) int: the index of the level that each entry reached, -1 for none


def _compare(self: Close, answer: object, ledger: Ledger) -> bool:
    tree, exact = self.levels.tree, self.levels.exact
    each = self.each and entries(tree) > 0
    whole = [Part((), tree, answer)]
    units = [_unit(part, exact, self.form, each) for part in (parts(tree, answer, deep=False) if each else whole)]
    surplus = unexpected(tree, answer)
    reached: list[_Level] = []
    for level in self.levels.in_order(each):
        if all((unit.level >= 0).all() for unit in units) and (each or not surplus):
            break
        for unit in units:
            _settle(unit, len(reached), level, self.form)
        reached.append(level)
    counts = [sum(int(np.count_nonzero(unit.level == index)) for unit in units) for index in range(len(reached))]
    total = sum(unit.level.size for unit in units)
    share = sum((level.share * count for level, count in zip(reached, counts, strict=True)), Fraction(0)) / total
    if share == 1:
        return True
    _tell(ledger, self, answer, units, surplus, reached, counts, share)
    return share > 0


def _unit(part: Part, exact: Tolerance, form: Form, each: bool) -> _Unit:
    if not each:
        return _Unit(part, judge(part.tree, part.answer, exact, form), None, np.full(1, -1))
    row = bool(part.path) and isinstance(part.path[-1], Row)
    reading = None
    if isinstance(part.tree, Numbers) and part.fault is None and not row:
        found = read(part.answer, part.tree.values, form, part.path)
        reading = found if isinstance(found, Reading) else None
    if part.fault is not None or isinstance(part.tree, Numbers) and not row:
        seen = [look(part, exact, form)]
    else:
        seen = judge(part.tree, part.answer, exact, form, part.path)
    return _Unit(part, seen, reading, np.full(1 if row else entries(part.tree), -1))


def _settle(unit: _Unit, index: int, level: _Level, form: Form) -> None:
    """Give the entries that reached nothing yet this level, if they fit it."""
    tree = at(level.tree, unit.part.path)
    open_ = unit.level < 0
    if tree is None or not open_.any() or (unit.part.fault is not None and unit.part.fault.missing):
        return
    if level.only_same_form and not same_form(unit.part.tree, tree):
        return
    if unit.reading is None:
        if fits(tree, unit.part.answer, level.tolerance, form, unit.part.path):
            unit.level[:] = index
        return
    if not isinstance(tree, Numbers) or not same_form(unit.part.tree, tree):
        return
    right = within(unit.reading.values, tree.values, level.tolerance).right
    right[unit.reading.unread] = False
    unit.level[open_ & right] = index


def _tell(
    ledger: Ledger,
    self: Close,
    answer: object,
    units: list[_Unit],
    surplus: list[str],
    reached: list[_Level],
    counts: list[int],
    share: Fraction,
) -> None:
    """Write what was found into the ledger: one text for the student, the hints, the detail for the instructor."""
    sentences: list[Text] = []
    hints: list[Hint] = []
    total = sum(unit.level.size for unit in units)
    for level, count in zip(reached[1:], counts[1:], strict=True):
        if count and level.hint is not None:
            hints.append(level.hint)
        elif count:
            sentences.append(say(f"{level.key}.each", count=count, total=total) if self.each else say(level.key))
    lost = [level.share == 0 for level in reached]
    seen = [_left(unit, lost) for unit in units]
    if self.each and entries(self.levels.tree):
        sentences.insert(0, describe_entries([found for found in seen if found is not None], surplus, total))
    elif share == 0:
        sentences.insert(0, describe_whole(units[0].first, surplus))
    ...


def _cut(value: Any) -> str:
    """A value for the instructor's eyes, however large or deep it is."""
    brief = reprlib.Repr()
    brief.maxdict = brief.maxlist = brief.maxtuple = 30
    brief.maxstring = brief.maxother = brief.maxlong = 600
    try:
        return brief.repr(value)
    except ValueError:  # Python refuses to write out whole numbers of more than 4,300 digits
        return "a whole number of thousands of digits"
