"""Decides whether two formulas are the same function: by structure, by points in every cell, and by proof.

The question is put on the real line, in the interior of the expected formula's domain, with principal branches; values
at kinks are not compared. Nothing of the texts is run, but what is built may be slow: checks ask through `helper`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from statistics import median
from typing import Any

import numpy as np

from grader.checking.symbolic.domains import Domain, domain
from grader.checking.symbolic.evaluate import Precise, Reading, as_float, as_number, floats, in_digits
from grader.checking.symbolic.formula import Formula, parse, too_much
from grader.checking.symbolic.graph import Bomb, Graph
from grader.checking.symbolic.proof import proved
from grader.checking.symbolic.sampling import Point, Sample, beside, sample
from grader.checking.symbolic.tokens import FormulaError
from grader.errors import CourseError
from grader.phrases import phrase
from grader.records import Text

SECONDS = 1.6  # of the 2 s of the processor that a comparison may take: it is to give up before the helper is killed
PROOF_SECONDS = 0.8  # symbolic.md
DIGITS = 50  # what points are compared with; a difference must survive twice as many
DEEP = (2_000, 6_000)  # and where nothing is proved: they show what even the square of a step of 1e-900 leaves
MOST_DEEP = 12  # cells that are looked at so, as many as breakpoints
DEEPER = 20  # times as long as the first of them takes the second, at most
ROUNDING = 1e-6  # a relative difference below it is a matter of rounded constants
APART = 1e-2  # and one above it, all through a cell, is none, however small the values are there
SPARE = 6  # of the digits that hold, so many are left to rounding
FEWEST_POINTS = 4  # below it there is nothing to decide from


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


def compare(
    answer: Any, expected: Any, symbols: Mapping[str, str], *, without: Sequence[str] = (), seconds: float = SECONDS
) -> Comparison:
    """Is `answer` (text, or a sympy expression) the same function as `expected`?

    `symbols` maps each name to its domain (real, positive, negative, in(a,b), integer, integer>=k, label01, label+-1)
    or to an abbreviation, "= formula". `without` names functions that the answer may not use. CourseError when
    `expected` or `symbols` cannot be read; an answer that cannot be read is `refused`, with the reason in `texts`.
    `seconds` are of this thread's processor time: a busy machine changes no verdict.
    """
    deadline = time.thread_time() + seconds
    graph = Graph()
    domains, names = table(symbols)
    right = _expected(expected, graph, names)
    try:
        ours = parse(text_of(answer), graph, names, frozenset(without))
    except FormulaError as error:
        return _refused(error)
    if ours.root == right.root:
        told = [phrase("same.condition")] if ours.condition else []
        return Comparison(Decision.PROVED, notes=("the same formula", *map(str, told)), texts=tuple(told))
    seed = sha256(f"{text_of(answer)}\0{text_of(expected)}".encode(errors="replace")).hexdigest()
    try:
        places = sample(graph, (ours.root, right.root), domains, seed)
    except Bomb as bomb:  # the difference of two sides, which nobody wrote, is too much
        return _refused(too_much(bomb))
    found = _by_points(graph, ours.root, right.root, places, deadline)
    if not found.equal:
        return found
    verdict, left = found.verdict, deadline - time.thread_time()
    precise = Precise(graph, (ours.root, right.root))
    if left > 0 and proved(graph, ours.root, right.root, domains, min(PROOF_SECONDS, left)):
        verdict = Decision.PROVED
    elif _untold(precise, Precise(graph, [right.root]), places):
        return replace(found, verdict=Decision.UNDECIDED, notes=("not proved, and in one cell no value holds",))
    elif verdict is Decision.NUMERICALLY and _differs_deep(graph, precise, places, deadline):
        note = f"differs, by less or closer to a kink than {DIGITS} digits show: a quotient of differences, perhaps"
        return replace(found, verdict=Decision.ROUNDING, notes=(note,))
    texts, notes = _notes(precise, ours, places)
    summary = f"{found.points} points in {found.cells} cells, largest relative difference {found.largest:.1e}"
    return Comparison(
        verdict, notes=(summary, *notes), texts=texts, points=found.points, cells=found.cells, largest=found.largest
    )


def _refused(error: FormulaError) -> Comparison:
    return Comparison(Decision.REFUSED, notes=(error.text.en,), texts=(error.text,))


def recognised(answer: Any, mistakes: Sequence[Any], symbols: Mapping[str, str], seconds: float = 0.5) -> int | None:
    """The place of the first known mistake that `answer` is, by points alone; None when it is none, or time is up."""
    deadline = time.thread_time() + seconds
    domains, names = table(symbols)
    graph = Graph()
    wrong = [_expected(mistake, graph, names) for mistake in mistakes]
    try:
        ours = parse(text_of(answer), graph, names)
    except FormulaError:
        return None
    for place, mistake in enumerate(wrong):
        if mistake.root == ours.root:
            return place
        try:
            places = sample(graph, (ours.root, mistake.root), domains, f"{place}")
        except Bomb:
            return None
        if time.thread_time() > deadline:
            return None
        if _by_points(graph, ours.root, mistake.root, places, deadline).verdict in (
            Decision.NUMERICALLY,
            Decision.ROUNDING,
        ):
            return place
    return None


def broken_step(
    lines: Sequence[Any], symbols: Mapping[str, str], seconds: float = SECONDS
) -> tuple[int, Comparison] | None:
    """The first line of a derivation, counted from 1, that its predecessor does not equal, with why; None if none."""
    deadline = time.thread_time() + seconds
    for place in range(1, len(lines)):
        try:
            found = compare(lines[place], lines[place - 1], symbols, seconds=max(0.0, deadline - time.thread_time()))
        except CourseError:  # the line before cannot be read
            found = compare(lines[place - 1], "0", symbols, seconds=0.1)
            return place, found
        if not found.equal and found.verdict is not Decision.ROUNDING:
            return place + 1, found
    return None


def table(symbols: Mapping[str, str]) -> tuple[dict[str, Domain], dict[str, str]]:
    """The symbols' domains, and all names with their abbreviations (s1, s2, ... are the softmax of z1, z2, ...)."""
    names = {name: meaning.strip() for name, meaning in symbols.items()}
    domains = {name: domain(name, meaning) for name, meaning in names.items() if not meaning.startswith("=")}
    logits = [name for name in names if name[0] == "z" and name[1:].isdigit()]
    if len(logits) > 1:
        total = "+".join(f"exp({z})" for z in logits)
        names = {**{f"s{z[1:]}": f"=exp({z})/({total})" for z in logits}, **names}
    return domains, names


def text_of(formula: Any) -> str:
    """A formula as text: what crossed as one has it, and an expression of sympy prints it."""
    return str(getattr(formula, "text", formula))


def _expected(formula: Any, graph: Graph, names: Mapping[str, str]) -> Formula:
    try:
        return parse(text_of(formula), graph, names)
    except FormulaError as error:
        raise CourseError(f"the formula {text_of(formula)!r} of a check cannot be read: {error.text.en}") from None


# points


def _by_points(graph: Graph, ours: int, right: int, places: Sample, deadline: float) -> Comparison:
    """What the points say: different, equal numerically or up to rounding, undecided."""
    precise = Precise(graph, (ours, right))
    points = _promising(graph, ours, right, places.points)
    differing: list[tuple[Point, float]] = []
    largest, valid = 0.0, 0
    sizes: list[Any] = []
    per_cell: dict[tuple[int, int] | None, list[str]] = {}
    apart: dict[tuple[int, int] | None, list[Point]] = {}
    for point in points:
        if time.thread_time() > deadline:
            return Comparison(Decision.UNDECIDED, notes=(f"out of time after {valid} points",))
        read = precise.surely(point.at, DIGITS)
        a, b = read.values
        if b is None and (a is None or not read.beyond[1]):
            continue
        seen = per_cell.setdefault(point.cell, [])
        gap = _gap(precise, point.at, read, DIGITS)
        if gap is None:
            undefined = a is None and not any(read.beyond)
            if undefined and read.sure and _undefined_around(precise, point, places.domains):
                return _undefined(precise, point, valid, places.cells)
            seen.append("undefined" if undefined else "unclear")
            continue
        seen.append("clear")
        valid += 1
        sizes.append(abs(b))
        if gap:
            size = max(abs(b), min(1, median(sizes)))
            relative = as_float(gap / size) if size else float("inf")
            largest = max(largest, relative)
            differing.append((point, relative))
            if b and gap > APART * abs(b):
                apart.setdefault(point.cell, []).append(point)
            if relative > 1e-3 and len(differing) == 1 and valid == 1:
                break  # the simplest of the promising points
    for cell, here in apart.items():
        if cell is not None and 2 * len(here) > per_cell[cell].count("clear"):
            return _different(precise, min(here, key=lambda point: point.plainness), largest, valid, places.cells)
    needed = min(FEWEST_POINTS, len(points))  # labels and constants have fewer places to stand on
    if any(relative > ROUNDING for _, relative in differing):
        clear = [(p, r) for p, r in differing if r > 1e-3] or [max(differing, key=lambda d: d[1])]
        return _different(precise, min(clear, key=lambda d: d[0].plainness)[0], largest, valid, places.cells)
    unclear = sum(seen.count("unclear") for seen in per_cell.values())
    dark = any(cell is not None and "unclear" in seen and "clear" not in seen for cell, seen in per_cell.items())
    if valid < needed or dark or unclear > valid:
        note = f"only {valid} points where both are defined" + (
            f", {unclear} without a value that holds" if unclear else ""
        )
        return Comparison(Decision.UNDECIDED, notes=(note,), points=valid, cells=places.cells)
    if differing:
        return Comparison(
            Decision.ROUNDING,
            _counterexample(precise, max(differing, key=lambda d: d[1])[0])[0],
            notes=(f"relative difference at most {largest:.1e}",),
            points=valid, cells=places.cells, largest=largest,
        )  # fmt: skip
    return Comparison(Decision.NUMERICALLY, points=valid, cells=places.cells, largest=largest)


def _promising(graph: Graph, ours: int, right: int, points: Sequence[Point]) -> list[Point]:
    """The points by their plainness, but first the plainest one at which float64 sees a clear difference."""
    names = graph.names((ours, right))
    columns = {name: np.array([float(p.at[name]) for p in points]) for name in names}
    a, b = floats(graph, (ours, right), columns)
    with np.errstate(all="ignore"):
        size = np.abs(b)
        scale = min(1.0, float(np.median(size[np.isfinite(size)]))) if np.isfinite(size).any() else 1.0
        clear = np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) > 1e-2 * np.maximum(size, scale))
    first = np.flatnonzero(np.broadcast_to(clear, (len(points),)))[:1].tolist()
    return [points[k] for k in first] + [p for k, p in enumerate(points) if k not in first]


def _untold(precise: Precise, expected: Precise, places: Sample) -> bool:
    """Whether there is a cell in which no point tells anything: all are too large, too small, or eaten by cancellation.

    Phi(-200) is 1 + erf(-141), which is zero in the first 8,000 digits; so is half of it.
    """
    told = dict.fromkeys((point.cell for point in places.points if point.cell), False)
    for point in places.points:
        if point.cell and not told[point.cell]:
            read = precise.surely(point.at, DIGITS)
            if None in read.values:
                told[point.cell] = read.values[1] is None and not read.beyond[1]
            elif read.sure or max(map(abs, read.values)) * 10 ** (read.holding - SPARE) > 1:
                told[point.cell] = True
            else:  # zero, as far as we see: is the function zero here?
                right = expected.surely(point.at, DIGITS)
                told[point.cell] = right.sure and not right.values[0]
    return not all(told.values())


def _differs_deep(graph: Graph, precise: Precise, places: Sample, deadline: float) -> bool:
    """Whether a difference shows in far more digits than any honest form needs.

    At the plainest point of each cell, and so close beside each breakpoint that the step of a quotient is wider.
    """
    plainest = {point.cell: point.at for point in reversed(places.points)}.values()
    started = time.thread_time()
    for digits in DEEP:
        for at in itertools.chain(itertools.islice(plainest, MOST_DEEP), beside(graph, places, digits)):
            if _gap(precise, at, precise.surely(at, digits), digits):
                return True
            now = time.thread_time()
            if now > deadline:
                return False
        if now + DEEPER * (now - started) > deadline:
            break
    return False


def _undefined_around(precise: Precise, point: Point, domains: Mapping[str, Domain]) -> bool:
    """Whether the answer is surely undefined beside the point too, where the expected formula has values: no hole."""
    for way in (-1, 1):  # each symbol by another width: a - x may be zero all along
        near = {name: value + way * k * domains[name].step for k, (name, value) in enumerate(point.at.items(), 1)}
        read = precise.surely(near, DIGITS)
        if read.values[0] is not None or read.values[1] is None or read.beyond[0] or not read.sure:
            return False
    return True


def _gap(precise: Precise, at: Mapping[str, Fraction], read: Reading, digits: int) -> Any:
    """|a - b| where it is beyond the digits that hold and stays with more of them; 0 where both agree.

    None where it neither vanishes nor stays, or where a value was divided by what may be zero: 1 / sin(pi) is
    anything.
    """
    if None in read.values or (not read.sure and max(map(abs, read.values)) > 10 ** (read.holding // 2)):
        return None
    if _close(read):
        return 0
    gap = abs(read.values[0] - read.values[1])
    if read.sure:
        more = precise.surely(at, 2 * digits)
    else:
        more = precise.read(at, 3 * read.holding)._replace(holding=3 * read.holding // 2, sure=False)
    if None in more.values:
        return None
    if _close(more):
        return 0
    again = abs(more.values[0] - more.values[1])
    return again if abs(again - gap) <= 1e-3 * again else None


def _close(read: Reading) -> bool:
    """Whether the two values agree in the digits that hold; of what is not sure, in so many behind the point."""
    a, b = read.values
    size = max(abs(a), abs(b)) if read.sure else max(1, abs(a), abs(b))
    return bool(abs(a - b) * 10 ** max(read.holding - SPARE, 0) <= size)


def _plain(x: Fraction) -> int | float:
    return x.numerator if x.denominator == 1 else float(x)


def _counterexample(precise: Precise, point: Point) -> tuple[dict[str, Any], Any, Any]:
    """What a comparison shows of the point, and the two values themselves."""
    a, b = precise.surely(point.at, DIGITS).values
    shown = {
        "at": {name: _plain(value) for name, value in point.at.items()},
        "yours": "undefined" if a is None else as_number(a),
        "expected": as_number(b),
    }
    return shown, a, b


def _different(precise: Precise, point: Point, largest: float, valid: int, cells: int) -> Comparison:
    (where, yours, expected), at = _counterexample(precise, point), _places(point)
    told = _told(yours, expected)
    text = phrase("same.different", at=at, yours=told) if at else phrase("same.constant", yours=told)
    note = f"{at}: yours {in_digits(yours, 12)}, expected {in_digits(expected, 12)}"
    return Comparison(Decision.DIFFERENT, where, (note,), (text,), valid, cells, largest)


def _undefined(precise: Precise, point: Point, valid: int, cells: int) -> Comparison:
    (where, _, expected), at = _counterexample(precise, point), _places(point)
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
    return ", ".join(f"{name} = {_plain(value):.12g}" for name, value in point.at.items())


# notes


def _notes(precise: Precise, ours: Formula, places: Sample) -> tuple[tuple[Text, ...], tuple[str, ...]]:
    """What a right answer should still be told: a comparison read as a number, a hole, a value beyond both slopes."""
    texts = [phrase("same.condition")] if ours.condition else []
    for name, at in places.breaks:
        a, b = precise.at(at, DIGITS)
        here = f"{name} = {_plain(at[name]):.12g}"
        if a is None and b is not None:
            texts.append(phrase("same.hole", at=here))
        elif a is not None:
            step = Fraction(1, 10**9)
            sides = [precise.at({**at, name: at[name] + way * step}, DIGITS)[1] for way in (-1, 1)]
            if None not in sides:
                low, high = min(sides), max(sides)
                slack = 1e-6 * (1 + abs(low) + abs(high))
                if not low - slack <= a <= high + slack:
                    texts.append(phrase("same.kink", at=here))
    texts = list({text.en: text for text in texts}.values())
    return tuple(texts), tuple(text.en for text in texts)
