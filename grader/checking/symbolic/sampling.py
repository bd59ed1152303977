"""Where two formulas are compared: the breakpoints of both cut each line into cells, and every cell is sampled.

Points are exact short decimals (fractions), never on a kink or a pole, and depend only on the two formulas' texts.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.checking.symbolic.breakpoints import SCALES, Line, breakpoints, cuts_of, zero_near
from grader.checking.symbolic.domains import Domain
from grader.checking.symbolic.evaluate import Precise, floats
from grader.checking.symbolic.graph import Graph

RANDOM_POINTS = 10  # symbolic.md: about ten beside two in every cell
MOST_COMBINATIONS = 64  # of labels: six of them
MOST_CROSSING = 24  # lines through the cells of others, at a time
MOST_NARROW = 4  # symbols in which a region that is found may be narrow
INTEGERS = (1.0, 100.0)  # the scales on which integers are drawn
BESIDE = 1e-7  # from a breakpoint: well beyond the digits to which one is found
FINEST = 10**6  # the largest denominator of a breakpoint that may be meant: three digits behind the point have less
_SIMPLE = [Fraction(p) for p in ("1", "2", "-1", "1/2", "-2", "3", "-1/2", "-3", "5")]
_SIMPLE_PARAMETER = [Fraction(p) for p in ("2", "1/2", "3", "3/2", "5", "1/4")]


@dataclass(frozen=True)
class Point:
    """`at`: symbol -> value. `cell` is the (line, cell) that it stands for, None for a point of no line."""

    at: Mapping[str, Fraction]
    cell: tuple[int, int] | None = None

    @property
    def plainness(self) -> tuple[int, Fraction]:
        """How much there is to write: the simplest counterexample comes first."""
        return (
            sum(len(str(v.numerator)) + len(str(v.denominator)) * (v.denominator > 1) for v in self.at.values()),
            Fraction(sum(abs(v) for v in self.at.values())),
        )


@dataclass(frozen=True)
class Break:
    """A breakpoint: the value at which some cut vanishes on a line."""

    line: Line
    value: Fraction


@dataclass(frozen=True)
class Sample:
    """The points, and the breakpoints themselves; there some of `cuts` vanish."""

    points: tuple[Point, ...]
    breaks: tuple[Break, ...]
    cells: int
    domains: Mapping[str, Domain]
    cuts: tuple[int, ...] = ()


def sample(graph: Graph, roots: Sequence[int], domains: Mapping[str, Domain], seed: str) -> Sample:
    """The points at which `roots` are compared; `seed` makes them the same at every regrade."""
    chance = random.Random(seed)
    names = graph.names(roots)
    cuts = cuts_of(graph, roots, domains)
    if not names:
        return Sample((Point({}),), (), 1, domains)
    moving = [name for name in names if not domains[name].values]
    fixed = [name for name in names if domains[name].values]
    combos = _labels({name: domains[name].values for name in fixed}, chance)

    points: list[Point] = []
    for k in range(max(7, len(combos))):
        points.append(Point({**_simple(moving, domains, k), **combos[k % len(combos)]}))
    for k in range(RANDOM_POINTS):
        points.append(Point({**{name: _drawn(domains[name], chance) for name in moving}, **combos[k % len(combos)]}))

    lines: list[Line] = []
    for name in moving:
        for k in range(1 if len(names) == 1 else min(max(2, len(combos)), 4)):
            others = {other: _drawn(domains[other], chance) for other in moving if other != name}
            lines.append(Line(name, {**others, **combos[k % len(combos)]}))
    broken = _broken(graph, cuts, lines, domains, chance) if cuts and lines else []
    if len(names) == 1:  # they lie on the one line that there is
        found = broken[0][1] if broken else []
        points = [Point(p.at, (0, int(np.searchsorted(found, float(p.at[names[0]]))))) for p in points]
    breaks: list[Break] = []
    for number, (line, found) in enumerate(broken):
        where = domains[line.name]
        points += [Point(line.at(value), (number, cell)) for cell, value in _cell_points(found, where, chance)]
        if not where.whole:
            edges = [Fraction(value).limit_denominator(FINEST) for value in found]
            breaks += [Break(line, value) for value in edges if where.holds(value)]
    if broken:
        points = _off_breaks(graph, cuts, points, domains)
    cells = max((len(found) + 1 for _, found in broken), default=1)
    unique = {tuple(sorted(p.at.items())): p for p in reversed(points)}
    plain = tuple(sorted(unique.values(), key=lambda p: p.plainness))
    return Sample(plain, tuple(breaks[:12]), cells, domains, tuple(cuts))


def beside(graph: Graph, places: Sample, digits: int) -> Iterator[dict[str, Fraction]]:
    """Both sides of the breakpoints, so close that only `digits` tell them from the breakpoints themselves."""
    step = Fraction(1, 10 ** (digits // 2))
    cuts = [Precise(graph, [cut]) for cut in places.cuts]
    for place in places.breaks:
        zeros = {zero for cut in cuts if (zero := zero_near(cut, place.line, place.value, digits)) is not None}
        for zero, way in itertools.product(sorted(zeros), (-1, 1)):
            yield place.line.at(zero + way * step)


def _broken(
    graph: Graph, cuts: list[int], lines: list[Line], domains: Mapping[str, Domain], chance: random.Random
) -> list[tuple[Line, list[float]]]:
    """The lines with the breakpoints on each, and so the lines that are led through their cells in turn."""
    broken = list(zip(lines, breakpoints(graph, cuts, lines, domains), strict=True))
    moving = {line.name for line in lines}
    for _ in range(min(len(moving), MOST_NARROW) - 1):
        if crossing := _crossing_lines(graph, cuts, broken, domains, chance):
            broken += zip(crossing, breakpoints(graph, cuts, crossing, domains), strict=True)
    return broken


def _crossing_lines(
    graph: Graph,
    cuts: list[int],
    broken: Sequence[tuple[Line, list[float]]],
    domains: Mapping[str, Domain],
    chance: random.Random,
) -> list[Line]:
    """Lines along the other symbols through the cells of these ones, the smallest first."""
    parts = []
    for line, found in broken:
        where = domains[line.name]
        for low, high in itertools.pairwise(_edges(found, where)):
            value = where.settled(_within(low, high, 0.001, chance))
            parts.append((line.share * (high - low), line.name, {**line.others, line.name: value}))
    columns = {symbol: np.array([float(at[symbol]) for _, _, at in parts]) for symbol in parts[0][2]}
    sides = list(map(tuple, np.nan_to_num(np.sign(floats(graph, cuts, columns))).T.tolist()))
    met = {(side, name) for side, (_, name, _) in zip(sides, parts, strict=True)}
    crossing: list[Line] = []
    for side, (share, _, at) in sorted(zip(sides, parts, strict=True), key=lambda pair: pair[1][0]):
        for other in at:
            if not domains[other].values and (side, other) not in met:
                met.add((side, other))
                crossing.append(Line(other, {symbol: at[symbol] for symbol in at if symbol != other}, share))
    return crossing[:MOST_CROSSING]


def _labels(values: Mapping[str, tuple[Fraction, ...]], chance: random.Random) -> list[dict[str, Fraction]]:
    """All combinations of the labels' values, shuffled; some at random where there are too many."""
    if math.prod(map(len, values.values())) > MOST_COMBINATIONS:
        return [{name: chance.choice(mine) for name, mine in values.items()} for _ in range(MOST_COMBINATIONS)]
    combos = [dict(zip(values, mine, strict=True)) for mine in itertools.product(*values.values())]
    chance.shuffle(combos)
    return combos


def _simple(names: Sequence[str], domains: Mapping[str, Domain], k: int) -> dict[str, Fraction]:
    """The k-th point of short numbers, of which each symbol takes the next that its domain holds."""
    at = {}
    for place, name in enumerate(names):
        choices, first = (_SIMPLE_PARAMETER, k + place - 1) if place else (_SIMPLE, k)
        turned = (choices[(first + j) % len(choices)] for j in range(len(choices)))
        where = domains[name]
        at[name] = next(filter(where.holds, turned), where.settled(_inside(where, Fraction(k % 7 + 1, 8))))
    return at


def _inside(where: Domain, share: Fraction) -> Fraction:
    low, high = where.low, where.high
    if low is not None and high is not None:
        return low + (high - low) * share
    return low + 4 * share if low is not None else (high or 0) - 4 * share


def _drawn(where: Domain, chance: random.Random) -> Fraction:
    """A random value: uniform in a bounded interval, else over the scales, both signs where both are allowed."""
    return where.settled(_somewhere(where, chance))


def _somewhere(where: Domain, chance: random.Random) -> Fraction:
    if where.low is not None and where.high is not None:
        return _short(float(where.low) + (float(where.high) - float(where.low)) * chance.uniform(0.02, 0.98))
    low, high = np.log(INTEGERS if where.whole else SCALES)
    distance = _short(float(np.exp(chance.uniform(low, high) * 0.5 + chance.uniform(low / 3, high) * 0.5)))
    if where.low is not None:
        return where.low + distance
    if where.high is not None:
        return where.high - distance
    return distance if chance.random() < 0.5 else -distance


def _short(x: float) -> Fraction:
    return Fraction(f"{x:.3e}")


def _cell_points(found: list[float], where: Domain, chance: random.Random) -> list[tuple[int, Fraction]]:
    """Two values in every cell, the first as short as it can be, and one right beside each breakpoint.

    The last because of steep functions: tanh(1000*x) is sign(x) but there.
    """
    cells = list(enumerate(itertools.pairwise(_edges(found, where))))
    if where.whole:
        return [(cell, n) for cell, (a, b) in cells for n in _integers(a, b) if where.holds(n)]
    values = []
    for cell, (a, b) in cells:
        values.append((cell, _middle(a, b)))
        values.append((cell, _within(a, b, 0.02, chance)))
        beside = [a + BESIDE] if cell else []
        beside += [b - BESIDE] if cell < len(found) else []
        values += [(cell, _between(x - BESIDE / 2, x + BESIDE / 2, x)) for x in beside if a < x < b]
    return values


def _integers(low: float, high: float) -> list[Fraction]:
    """The integers at both ends of a cell, those next to them and one in the middle."""
    ends = {math.ceil(low), math.floor(low) + 1, math.floor(high), math.ceil(high) - 1, round((low + high) / 2)}
    return [Fraction(n) for n in sorted(ends) if low <= n <= high]


def _edges(found: list[float], where: Domain) -> list[float]:
    first, last = (found[0], found[-1]) if found else (0.0, 0.0)
    low = float(where.low) if where.low is not None else first - max(4, abs(first) / 1000)
    high = float(where.high) if where.high is not None else max(low, last) + max(4, abs(last) / 1000)
    return [low, *found, high]


def _middle(low: float, high: float) -> Fraction:
    """The shortest number near the middle of an interval."""
    margin = 0.1 * (high - low)
    return _between(low + margin, high - margin, (low + high) / 2)


def _within(low: float, high: float, share: float, chance: random.Random) -> Fraction:
    """A number at random in an interval, short to that share of its width: few formulas have it as their own."""
    drawn, near = low + (high - low) * chance.uniform(0.15, 0.85), share * (high - low)
    return _between(drawn - near, drawn + near, drawn)


def _between(low: float, high: float, middle: float) -> Fraction:
    for digits in range(13):
        candidate = Fraction(f"{middle:.{digits}f}")
        if low <= candidate <= high:
            return candidate
    return Fraction(middle)


def _off_breaks(graph: Graph, cuts: list[int], points: list[Point], domains: Mapping[str, Domain]) -> list[Point]:
    """The points at which no cut vanishes, unless it does so all around (|x| - x for every x > 0)."""
    columns = {name: np.array([float(p.at[name]) for p in points]) for name in graph.names(cuts)}
    near = {
        name: column if domains[name].discrete else column * (1 + 1e-6 * k) + 1e-7
        for k, (name, column) in enumerate(columns.items(), 1)
    }
    zero = np.abs(np.stack(floats(graph, cuts, columns))) < 1e-12
    around = np.abs(np.stack(floats(graph, cuts, near))) < 1e-12
    broken = np.flatnonzero((zero & ~around).any(axis=0))
    return [point for k, point in enumerate(points) if k not in broken]
