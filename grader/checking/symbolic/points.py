"""What the points say of two formulas: that they differ and where, or that they agree, and how far to trust it."""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np

from grader.checking.symbolic.domains import Domain
from grader.checking.symbolic.evaluate import Precise, Reading, as_float, floats
from grader.checking.symbolic.graph import Graph
from grader.checking.symbolic.sampling import Point, Sample, beside
from grader.checking.symbolic.verdict import DIGITS, Comparison, Decision, counterexample, different_at, undefined_at

DEEP = (2_000, 6_000)  # and where nothing is proved: they show what even the square of a step of 1e-900 leaves
MOST_DEEP = 12  # cells that are looked at so, as many as breakpoints
DEEPER = 20  # times as long as the first of them takes the second, at most
ROUNDING = 1e-6  # a relative difference below it is a matter of rounded constants
APART = 1e-2  # and one above it, all through a cell, is none, however small the values are there
CLEARLY = 1e-3  # a relative difference above it is one to show
SPARE = 6  # of the digits that hold, so many are left to rounding
FEWEST_POINTS = 4  # below it there is nothing to decide from


@dataclass(frozen=True)
class Difference:
    """Where two values differ. relative: to the usual size of values; apart: by more than rounding leaves."""

    point: Point
    relative: float
    apart: bool


def by_points(graph: Graph, ours: int, right: int, places: Sample, deadline: float) -> Comparison:
    """What the points say: different, equal numerically or up to rounding, undecided."""
    precise = Precise(graph, (ours, right))
    clear: list[Point] = []  # where both values hold
    unclear: list[Point] = []
    differing: list[Difference] = []
    sizes: list[Any] = []
    for point in _promising(graph, ours, right, places.points):
        if time.thread_time() > deadline:
            return Comparison(Decision.UNDECIDED, notes=(f"out of time after {len(clear)} points",))
        read = precise.surely(point.at, DIGITS)
        a, b = read.values
        if b is None and (a is None or not read.beyond[1]):
            continue  # nothing is expected here
        if a is None and not any(read.beyond):
            if read.sure and _undefined_around(precise, point, places.domains):
                return undefined_at(precise, point, len(clear), places.cells)
            continue
        gap = _gap(precise, point.at, read, DIGITS)
        if gap is None:
            unclear.append(point)
            continue
        clear.append(point)
        sizes.append(abs(b))
        if gap:
            usual = max(abs(b), min(1, median(sizes)))
            relative = as_float(gap / usual) if usual else math.inf
            differing.append(Difference(point, relative, bool(b) and gap > APART * abs(b)))
            if relative > CLEARLY and len(clear) == 1:
                break  # the simplest of the promising points
    return _decided(precise, clear, unclear, differing, places)


def _decided(
    precise: Precise, clear: Sequence[Point], unclear: Sequence[Point], differing: Sequence[Difference], places: Sample
) -> Comparison:
    """What all points together come to: one that is shown, the plainest of its kind, or none."""
    valid, cells = len(clear), places.cells
    largest = max((found.relative for found in differing), default=0.0)
    clear_in = Counter(point.cell for point in clear)
    apart_in = Counter(found.point.cell for found in differing if found.apart)
    for cell, count in apart_in.items():
        if cell is not None and 2 * count > clear_in[cell]:
            here = [found.point for found in differing if found.apart and found.point.cell == cell]
            return different_at(precise, _plainest(here), largest, valid, cells)
    if largest > ROUNDING:
        shown = [found.point for found in differing if found.relative >= min(CLEARLY, largest)]
        return different_at(precise, _plainest(shown), largest, valid, cells)
    dark = any(point.cell is not None and not clear_in[point.cell] for point in unclear)
    needed = min(FEWEST_POINTS, len(places.points))  # labels and constants have fewer places to stand on
    if valid < needed or dark or len(unclear) > valid:
        lost = f", {len(unclear)} without a value that holds" if unclear else ""
        note = f"only {valid} points where both are defined{lost}"
        return Comparison(Decision.UNDECIDED, notes=(note,), points=valid, cells=cells)
    if not differing:
        return Comparison(Decision.NUMERICALLY, points=valid, cells=cells)
    where, _, _ = counterexample(precise, max(differing, key=lambda found: found.relative).point)
    note = f"relative difference at most {largest:.1e}"
    return Comparison(Decision.ROUNDING, where, (note,), points=valid, cells=cells, largest=largest)


def _plainest(points: Sequence[Point]) -> Point:
    return min(points, key=lambda point: point.plainness)


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


def untold(precise: Precise, expected: Precise, places: Sample) -> bool:
    """Whether there is a cell in which no point tells anything: all are too large, too small, or eaten by cancellation.

    Phi(-200) is 1 + erf(-141), which is zero in the first 8,000 digits; so is half of it.
    """
    by_cell: dict[tuple[int, int], list[Point]] = {}
    for point in places.points:
        if point.cell:
            by_cell.setdefault(point.cell, []).append(point)
    return not all(any(_tells(precise, expected, point) for point in points) for points in by_cell.values())


def _tells(precise: Precise, expected: Precise, point: Point) -> bool:
    """Whether a value holds here, or is surely zero or undefined, as is expected."""
    read = precise.surely(point.at, DIGITS)
    if None in read.values:
        return read.values[1] is None and not read.beyond[1]
    if read.sure or max(map(abs, read.values)) * 10 ** (read.holding - SPARE) > 1:
        return True
    right = expected.surely(point.at, DIGITS)  # zero, as far as we see: is the function zero here?
    return right.sure and not right.values[0]


def differs_deep(graph: Graph, precise: Precise, places: Sample, deadline: float) -> bool:
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
