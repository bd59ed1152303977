"""Breakpoints: where the parts of two formulas have kinks, jumps, poles or the edge of their domain on a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from grader.checking.symbolic.domains import Domain
from grader.checking.symbolic.evaluate import Column, Precise, as_fraction, floats
from grader.checking.symbolic.graph import Graph

SCALES = (1e-3, 20.0)  # symbolic.md: beyond 20 exponentials differ by less than anyone means
REACH = 1000.0  # breakpoints are looked for up to here closely, beyond it once a decade
FAR = 10.0 ** np.arange(4, 13)
NEAR = Fraction(1, 10**6)  # of its own size: what a zero in floats may be off
FIRST_DIGITS = 50  # tell already which zeros are near
MOST_STEPS = 40  # of the secant: each has 1.6 times the digits of the one before
MOST_CELLS = 40  # on one line: an honest answer has four


@dataclass(frozen=True)
class Line:
    """The points at which the symbol `name` moves and the others stand still.

    share: how small the part of space is that it was led through; a line at random meets a narrow one never.
    """

    name: str
    others: Mapping[str, Fraction]
    share: float = 1.0

    def at(self, value: Fraction) -> dict[str, Fraction]:
        """The point of the line at which its symbol has this value."""
        return {self.name: value, **self.others}


@dataclass(frozen=True)
class Crossing:
    """Where a cut changes its sign: on a line, counted from 0, between two values of the symbol that moves."""

    line: int
    cut: int
    low: float
    high: float


def cuts_of(graph: Graph, roots: Sequence[int], domains: Mapping[str, Domain]) -> list[int]:
    """Nodes whose zeros are kinks, jumps, poles or edges of the domain; products by their factors."""
    graph.begin()
    found: set[int] = set()
    for i in graph.reach(roots):
        match graph.nodes[i]:
            case ("abs" | "sign" | "heaviside" | "log", inner):
                found.add(inner)
            case ("max" | "min" | "lt" | "le" | "eq", left, right):
                found.add(graph.add(left, graph.minus(right)))
            case ("pow", base, power):
                exponent = graph.value(power)
                if exponent is None or exponent < 0 or exponent.denominator != 1:
                    found.add(base)
    above = _positive(graph, found, domains)
    cuts: set[int] = set()
    while found:
        i = found.pop()
        if i in above or not graph.names([i]):
            continue
        match graph.nodes[i]:
            case ("mul", *factors):
                found |= set(factors) - cuts
            case ("pow", base, _):
                found.add(base)
            case _:
                cuts.add(i)
    return sorted(cuts)


def _positive(graph: Graph, roots: set[int], domains: Mapping[str, Domain]) -> set[int]:
    """The nodes that are above zero wherever they are defined, as far as their form shows it."""
    above: set[int] = set()
    never_below: set[int] = set()
    for i in graph.reach(roots):
        match graph.nodes[i]:
            case ("num", value):
                positive, weak = value > 0, value >= 0
            case ("sym", name):
                where = domains[name]
                positive = (where.low is not None and where.low >= 0) or (bool(where.values) and min(where.values) > 0)
                weak = positive or (bool(where.values) and min(where.values) >= 0)
            case ("add", *terms):
                weak = never_below.issuperset(terms)
                positive = weak and not above.isdisjoint(terms)
            case ("mul", *factors):
                weak, positive = never_below.issuperset(factors), above.issuperset(factors)
            case ("pow", base, power):
                exponent = graph.value(power)
                positive = base in above
                weak = positive or (exponent is not None and exponent.denominator == 1 and exponent % 2 == 0)
            case ("max", *of):
                positive, weak = not above.isdisjoint(of), not never_below.isdisjoint(of)
            case ("min", *of):
                positive, weak = above.issuperset(of), never_below.issuperset(of)
            case (op, *_):
                positive = op in ("exp", "cosh", "sech", "erfc", "sigmoid", "softplus", "pi")
                weak = positive or op in ("abs", "heaviside")
        if positive:
            above.add(i)
        if weak:
            never_below.add(i)
    return above


def breakpoints(
    graph: Graph, cuts: Sequence[int], lines: Sequence[Line], domains: Mapping[str, Domain]
) -> list[list[float]]:
    """For each line, where the cuts vanish on it, in rising order."""
    grids = [_grid(domains[line.name]) for line in lines]
    found, curved = _zeros(graph, cuts, lines, grids)
    if curved or any(graph.nodes[cut][0] != "sym" and len(graph.reach([cut])) > 3 for cut in cuts):
        grids = [np.sort(np.concatenate([grid, zeros])) for grid, zeros in zip(grids, _padded(found), strict=True)]
        closer, _ = _zeros(graph, cuts, lines, grids)  # kinks of |x - 7| < 0.1 lie close to that of |x - 7|
        found = [ours | theirs for ours, theirs in zip(found, closer, strict=True)]
    return [_merged(zeros, domains[line.name]) for zeros, line in zip(found, lines, strict=True)]


def _zeros(
    graph: Graph, cuts: Sequence[int], lines: Sequence[Line], grids: Sequence[Column]
) -> tuple[list[set[float]], bool]:
    """Each line's zeros, and whether one of a curved cut is among them."""
    found, crossings = _crossings(graph, cuts, lines, grids)
    for crossing, zero in zip(crossings, _refined(graph, crossings, lines), strict=True):
        found[crossing.line].add(zero)
    return found, bool(crossings)


def _padded(found: list[set[float]]) -> list[list[float]]:
    """The breakpoints of each line, as many for each (the lines are evaluated together)."""
    longest = max(len(points) for points in found)
    return [[*points, *[max(points, default=1.0)] * (longest - len(points))] for points in found]


def _columns(lines: Sequence[Line], places: Sequence[Column], names: Sequence[str]) -> dict[str, Column]:
    """The values of all symbols at places on some lines, one line after the other."""
    return {
        name: np.concatenate(
            [
                values if name == line.name else np.full(len(values), float(line.others[name]))
                for line, values in zip(lines, places, strict=True)
            ]
        )
        for name in names
    }


def _crossings(
    graph: Graph, cuts: Sequence[int], lines: Sequence[Line], grids: Sequence[Column]
) -> tuple[list[set[float]], list[Crossing]]:
    """Each line's exact zeros, and the crossings of cuts that are no straight line."""
    size = len(grids[0])
    columns = _columns(lines, grids, graph.names(cuts))
    found: list[set[float]] = [set() for _ in lines]
    crossings: list[Crossing] = []
    for cut, column in zip(cuts, floats(graph, cuts, columns), strict=True):
        for number, grid in enumerate(grids):
            values = column[number * size : (number + 1) * size]
            root = _affine_root(grid, values)
            if root is not None:
                found[number] |= root
                continue
            signs = np.sign(values)
            changes = (signs[:-1] != signs[1:]) & np.isfinite(signs[:-1]) & np.isfinite(signs[1:])
            for k in np.flatnonzero(changes)[:MOST_CELLS]:
                low, high = float(grid[k]), float(grid[k + 1])
                if max(abs(low), abs(high)) <= REACH or _changes(Precise(graph, [cut]), lines[number], low, high):
                    crossings.append(Crossing(number, cut, low, high))
            edges = np.flatnonzero(np.isnan(values[:-1]) != np.isnan(values[1:]))[:MOST_CELLS]
            found[number] |= {float(grid[k] + grid[k + 1]) / 2 for k in edges}
    return found, crossings[: 8 * MOST_CELLS]


def _changes(cut: Precise, line: Line, low: float, high: float) -> bool:
    """Whether `cut` changes its sign between the two: far away floats show zeros of (x + 1)^2 - x^2 that are none."""
    left, right = (cut.at(line.at(Fraction(x)), FIRST_DIGITS)[0] for x in (low, high))
    return left is not None and right is not None and left * right <= 0


def _grid(where: Domain) -> Column:
    """139 places on a line, dense at its edges or around zero."""
    steps = np.geomspace(SCALES[0] / 10, REACH, 60)
    if where.low is not None and where.high is not None:
        low, high = float(where.low), float(where.high)
        ends = (high - low) * np.geomspace(1e-9, 5e-3, 19)
        return np.concatenate([low + ends, np.linspace(low, high, 103)[1:-1], high - ends[::-1]])
    away = np.concatenate([np.geomspace(1e-9, REACH, 130), FAR])
    if where.low is not None:
        return float(where.low) + away
    if where.high is not None:
        return float(where.high) - away[::-1]
    return np.concatenate([-FAR[::-1], -steps[::-1], [steps[0] / 7], steps, FAR])


def _affine_root(grid: Column, values: Column) -> set[float] | None:
    """The zero of a straight line, {} where it has none, None where the values are not on a straight line."""
    if not np.isfinite(values).all():
        return None
    left, right = len(grid) // 4, 3 * len(grid) // 4
    slope = (values[right] - values[left]) / (grid[right] - grid[left])
    rises = slope * (grid - grid[left])
    size = np.abs(values[left]) + np.abs(rises)
    if (np.abs(values - values[left] - rises) > 1e-12 * size).any():
        return None
    if abs(rises[right]) <= 1e-12 * abs(values[left]):
        return set()
    return {float(grid[left] - values[left] / slope)}


def _refined(graph: Graph, crossings: Sequence[Crossing], lines: Sequence[Line]) -> list[float]:
    """The zero of each crossing, narrowed five times to one sixty-fourth."""
    if not crossings:
        return []
    cuts = sorted({crossing.cut for crossing in crossings})
    names, along = graph.names(cuts), [lines[crossing.line] for crossing in crossings]
    rows, index = [cuts.index(crossing.cut) for crossing in crossings], np.arange(len(crossings))
    low = np.array([crossing.low for crossing in crossings])
    high = np.array([crossing.high for crossing in crossings])
    for _ in range(5):
        places = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 65)
        columns = np.stack(floats(graph, cuts, _columns(along, list(places), names)))
        signs = np.sign(columns.reshape(len(cuts), *places.shape)[rows, index])
        change = np.argmax(signs[:, 1:] != signs[:, :1], axis=1)
        low, high = places[index, change], places[index, change + 1]
    return [float(zero) for zero in (low + high) / 2]


def _merged(points: set[float], where: Domain) -> list[float]:
    kept: list[float] = []
    for x in sorted(points):
        least = 1e-12 * (1 + abs(x))  # from an edge of the domain: no float lies between them else
        inside = (where.low is None or x - float(where.low) > least) and (
            where.high is None or float(where.high) - x > least
        )
        if inside and (not kept or x - kept[-1] > 1e-7 * (1 + abs(x))):
            kept.append(x)
    return kept[:MOST_CELLS]


def zero_near(cut: Precise, line: Line, start: Fraction, digits: int) -> Fraction | None:
    """Where on the line the one root of `cut` vanishes next to `start`, to so many digits; None if it does not."""
    zero = _secant(cut, line, start, FIRST_DIGITS)
    return None if zero is None else _secant(cut, line, zero, digits)


def _secant(cut: Precise, line: Line, start: Fraction, digits: int) -> Fraction | None:
    def value(x: Fraction) -> Any:
        return cut.at(line.at(x), digits)[0]

    near = NEAR * (1 + abs(start))
    here, there = start, start + near
    left, right = value(here), value(there)
    for _ in range(MOST_STEPS):
        if left is None or right is None or left == right:
            return None
        step = (there - here) * as_fraction(right / (right - left))
        here, left = there, right
        there -= Fraction(round(step * 10**digits), 10**digits)
        if abs(there - start) > near:
            return None
        right = value(there)
        if not right or abs(step) * 10 ** (3 * digits // 4) < 1:
            return there
    return None
