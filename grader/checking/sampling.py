"""Where two formulas are compared: the breakpoints of both cut each line into cells, and every cell is sampled.

Points are exact short decimals (fractions), never on a kink or a pole, and depend only on the two formulas' texts.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.checking.evaluate import Column, floats
from grader.checking.graph import Graph
from grader.errors import CourseError

SCALES = (1e-3, 20.0)  # symbolic.md: beyond 20 exponentials differ by less than anyone means
RANDOM_POINTS = 10  # symbolic.md: about ten beside two in every cell
REACH = 1000.0  # breakpoints are looked for up to here, and beyond it where they are exact
MOST_CELLS = 40  # on one line: an honest answer has four
_SIMPLE = [Fraction(p) for p in ("1", "2", "-1", "1/2", "-2", "3", "-1/2", "-3", "5")]
_SIMPLE_PARAMETER = [Fraction(p) for p in ("2", "1/2", "3", "3/2", "5", "1/4")]
_INTERVAL = re.compile(r"in\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\)")
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


@dataclass(frozen=True)
class Point:
    """`at`: symbol -> value. `cell` is the (line, cell) that it stands for, None for a point of no line."""

    at: Mapping[str, Fraction]
    cell: tuple[int, int] | None = None

    @property
    def plainness(self) -> tuple[int, Fraction]:
        """How much there is to write: the simplest counterexample comes first."""
        return (
            sum(len(str(abs(v.numerator))) + len(str(v.denominator)) - 1 + (v < 0) for v in self.at.values()),
            Fraction(sum(abs(v) for v in self.at.values())),
        )


@dataclass(frozen=True)
class Sample:
    """The points, and the breakpoints themselves with the symbol that moved (looked at for notes only)."""

    points: tuple[Point, ...]
    breaks: tuple[tuple[str, Mapping[str, Fraction]], ...]
    cells: int


def domain(name: str, text: str) -> Domain:
    """`real`, `positive`, `negative`, `in(0,1)`, `integer`, `integer>=2`, `label01`, `label+-1`; CourseError else."""
    plain = text.replace(" ", "")
    if plain == "real":
        return Domain()
    if plain == "positive":
        return Domain(low=Fraction(0))
    if plain == "negative":
        return Domain(high=Fraction(0))
    if plain in ("label01", "label+-1"):
        return Domain(values=(Fraction(1), Fraction(0 if plain == "label01" else -1)))
    if match := _INTEGERS.fullmatch(plain):
        low = int(match.group(1)) if match.group(1) else None
        return Domain(values=tuple(map(Fraction, range(low, low + 6) if low is not None else (2, -1, 3, 1, 0, -2))))
    if match := _INTERVAL.fullmatch(plain):
        low_, high_ = Fraction(match.group(1)), Fraction(match.group(2))
        if low_ < high_:
            return Domain(low=low_, high=high_)
    raise CourseError(
        f"the domain of {name} is {text!r}; write real, positive, negative, in(a,b), integer, integer>=k, label01 or label+-1."
    )


def sample(graph: Graph, roots: Sequence[int], domains: Mapping[str, Domain], seed: str) -> Sample:
    """The points at which `roots` are compared; `seed` makes them the same at every regrade."""
    chance = random.Random(seed)
    names = graph.names(roots)
    cuts = _cuts(graph, roots, domains)
    if not names:
        return Sample((Point({}),), (), 1)
    moving = [name for name in names if not domains[name].values]
    fixed = [name for name in names if domains[name].values]
    tuples = list(itertools.islice(itertools.product(*(domains[name].values for name in fixed)), 64))
    chance.shuffle(tuples)
    combos = [dict(zip(fixed, values, strict=True)) for values in tuples]

    points: list[Point] = []
    for k in range(max(7, len(combos) if len(combos) <= 8 else 0)):
        points.append(Point({**_simple(moving, domains, k), **combos[k % len(combos)]}))
    for k in range(RANDOM_POINTS):
        points.append(Point({**{name: _drawn(domains[name], chance) for name in moving}, **combos[k % len(combos)]}))

    lines: list[tuple[str, dict[str, Fraction]]] = []
    for name in moving:
        for k in range(1 if len(names) == 1 else min(max(2, len(combos)), 4)):
            others = {other: _drawn(domains[other], chance) for other in moving if other != name}
            lines.append((name, {**others, **combos[k % len(combos)]}))
    breaks: list[tuple[str, Mapping[str, Fraction]]] = []
    cells = 1
    if cuts:
        for number, ((name, others), found) in enumerate(zip(lines, _breakpoints(graph, cuts, lines, domains), strict=True)):
            if len(names) == 1:
                points = [Point(p.at, (number, int(np.searchsorted(found, float(p.at[name]))))) for p in points]
            inside, count = _cell_points(found, domains[name], chance)
            cells = max(cells, count)
            points += [Point({name: value, **others}, (number, cell)) for cell, value in inside]
            breaks += [(name, {name: value, **others}) for value in map(_snapped, found) if value is not None]
        points = _off_breaks(graph, cuts, points, names)
    elif len(names) == 1:
        points = [Point(p.at, (0, 0)) for p in points]
    unique = {tuple(sorted(p.at.items())): p for p in reversed(points)}
    return Sample(tuple(sorted(unique.values(), key=lambda p: p.plainness)), tuple(breaks[:12]), cells)


def _simple(names: Sequence[str], domains: Mapping[str, Domain], k: int) -> dict[str, Fraction]:
    at = {}
    for place, name in enumerate(names):
        ours = _SIMPLE if place == 0 else _SIMPLE_PARAMETER
        where = domains[name]
        values = [x for x in (ours[(k + place - 1 + j) % len(ours)] if place else ours[(k + j) % len(ours)] for j in range(len(ours))) if where.holds(x)]
        at[name] = values[0] if values else _inside(where, (k % 7 + 1) / 8)
    return at


def _inside(where: Domain, share: float) -> Fraction:
    low, high = where.low, where.high
    if low is not None and high is not None:
        return low + (high - low) * Fraction(share).limit_denominator(8)
    return low + Fraction(share).limit_denominator(8) * 4 if low is not None else (high or Fraction(0)) - Fraction(share).limit_denominator(8) * 4


def _drawn(where: Domain, chance: random.Random) -> Fraction:
    """A random value: uniform in a bounded interval, else over the scales, both signs where both are allowed."""
    if where.low is not None and where.high is not None:
        return _short(float(where.low) + (float(where.high) - float(where.low)) * chance.uniform(0.02, 0.98))
    low, high = np.log(SCALES[0]), np.log(SCALES[1])
    distance = _short(float(np.exp(chance.uniform(low, high) * 0.5 + chance.uniform(low / 3, high) * 0.5)))
    if where.low is not None:
        return where.low + distance
    if where.high is not None:
        return where.high - distance
    return distance if chance.random() < 0.5 else -distance


def _short(x: float, digits: int = 4) -> Fraction:
    return Fraction(f"{x:.{digits - 1}e}")


def _snapped(x: float) -> Fraction | None:
    near = Fraction(x).limit_denominator(1000)
    return near if abs(x - float(near)) <= 1e-9 * (1 + abs(x)) else None


# breakpoints


def _cuts(graph: Graph, roots: Sequence[int], domains: Mapping[str, Domain]) -> list[int]:
    """Nodes whose zeros are kinks, jumps, poles or edges of the domain; products by their factors."""
    graph.begin()
    found: set[int] = set()
    for i in graph.reach(roots):
        node = graph.nodes[i]
        if node[0] in ("abs", "sign", "heaviside", "log"):
            found.add(node[1])
        elif node[0] in ("max", "min", "lt", "le", "eq"):
            found.add(graph.add(node[1], graph.minus(node[2])))
        elif node[0] == "pow":
            exponent = graph.value(node[2])
            if exponent is None or exponent < 0 or exponent.denominator != 1:
                found.add(node[1])
    signs = _positive(graph, found, domains)
    cuts: set[int] = set()
    while found:
        i = found.pop()
        node = graph.nodes[i]
        if i in signs or node[0] in ("num", "pi"):
            continue
        if node[0] == "mul":
            found |= set(node[1:]) - cuts
        elif node[0] == "pow":
            found.add(node[1])
        else:
            cuts.add(i)
    return sorted(cuts)


def _positive(graph: Graph, roots: set[int], domains: Mapping[str, Domain]) -> set[int]:
    """The nodes that are above zero wherever they are defined, as far as their form shows it."""
    above: set[int] = set()
    never_below: set[int] = set()
    for i in graph.reach(roots):
        node = graph.nodes[i]
        op = node[0]
        if op == "num":
            positive, weak = node[1] > 0, node[1] >= 0
        elif op == "sym":
            where = domains[node[1]]
            positive = (where.low is not None and where.low >= 0) or (bool(where.values) and min(where.values) > 0)
            weak = positive or (bool(where.values) and min(where.values) >= 0)
        elif op == "add":
            weak = all(j in never_below for j in node[1:])
            positive = weak and any(j in above for j in node[1:])
        elif op == "mul":
            weak = all(j in never_below for j in node[1:])
            positive = all(j in above for j in node[1:])
        elif op == "pow":
            exponent = graph.value(node[2])
            positive = node[1] in above
            weak = positive or (exponent is not None and exponent.denominator == 1 and exponent % 2 == 0)
        elif op in ("max", "min"):
            positive = (any if op == "max" else all)(j in above for j in node[1:])
            weak = (any if op == "max" else all)(j in never_below for j in node[1:])
        else:
            positive = op in ("exp", "cosh", "sech", "erfc", "sigmoid", "softplus", "pi")
            weak = positive or op in ("abs", "heaviside")
        if positive:
            above.add(i)
        if weak:
            never_below.add(i)
    return above


def _breakpoints(
    graph: Graph, cuts: list[int], lines: list[tuple[str, dict[str, Fraction]]], domains: Mapping[str, Domain]
) -> list[list[float]]:
    """For each line, where the cuts vanish on it, in rising order."""
    names = graph.names(cuts)
    grids = [_grid(domains[name]) for name, _ in lines]
    found, crossings = _crossings(graph, cuts, lines, grids, names)
    for number, x in _refined(graph, crossings, lines, names):
        found[number].add(x)
    if crossings or any(graph.nodes[cut][0] != "sym" and len(graph.reach([cut])) > 3 for cut in cuts):
        grids = [np.sort(np.concatenate([grid, sorted(points)])) for grid, points in zip(grids, _padded(found), strict=True)]
        more, crossings = _crossings(graph, cuts, lines, grids, names)  # kinks of |x - 7| < 0.1 lie close to that of |x - 7|
        for number, x in _refined(graph, crossings, lines, names):
            more[number].add(x)
        found = [ours | theirs for ours, theirs in zip(found, more, strict=True)]
    return [_merged(points, domains[name]) for points, (name, _) in zip(found, lines, strict=True)]


def _padded(found: list[set[float]]) -> list[list[float]]:
    """The breakpoints of each line, as many for each (the lines are evaluated together)."""
    longest = max(len(points) for points in found)
    return [[*points, *[max(points, default=1.0)] * (longest - len(points))] for points in found]


def _crossings(
    graph: Graph, cuts: list[int], lines: list[tuple[str, dict[str, Fraction]]], grids: list[Column], names: list[str]
) -> tuple[list[set[float]], list[tuple[int, int, float, float]]]:
    """Each line's exact zeros, and (line, cut, low, high) where a cut that is not a straight line changes its sign."""
    size = len(grids[0])
    columns = {
        n: np.concatenate([grid if n == name else np.full(size, float(at.get(n, 0))) for (name, at), grid in zip(lines, grids, strict=True)])
        for n in names
    }
    found: list[set[float]] = [set() for _ in lines]
    crossings: list[tuple[int, int, float, float]] = []
    for cut, column in zip(cuts, floats(graph, cuts, columns), strict=True):
        for number, grid in enumerate(grids):
            values = column[number * size : (number + 1) * size]
            root = _affine_root(grid, values)
            if root is not None:
                found[number] |= root
                continue
            zeros = grid[values == 0]
            found[number] |= set(zeros.tolist()) if len(zeros) <= MOST_CELLS else set()
            signs = np.sign(values)
            here = np.flatnonzero(signs[:-1] * signs[1:] < 0)[:MOST_CELLS]
            crossings += [(number, cut, float(grid[k]), float(grid[k + 1])) for k in here]
            edges = np.flatnonzero(np.isfinite(values[:-1]) != np.isfinite(values[1:]))[:MOST_CELLS]
            found[number] |= {float(grid[k] + grid[k + 1]) / 2 for k in edges}
    return found, crossings[: 8 * MOST_CELLS]


def _grid(where: Domain) -> Column:
    """121 places on a line: dense at its edges or around zero."""
    steps = np.geomspace(SCALES[0] / 10, REACH, 60)
    if where.low is not None and where.high is not None:
        low, high = float(where.low), float(where.high)
        return np.linspace(low, high, 123)[1:-1]
    if where.low is not None:
        return float(where.low) + np.geomspace(SCALES[0] / 10, REACH, 121)
    if where.high is not None:
        return float(where.high) - np.geomspace(SCALES[0] / 10, REACH, 121)[::-1]
    return np.concatenate([-steps[::-1], [steps[0] / 7], steps])


def _affine_root(grid: Column, values: Column) -> set[float] | None:
    """The zero of a straight line, {} where it has none, None where the values are not on a straight line."""
    if not np.isfinite(values).all():
        return None
    slope = (values[-1] - values[0]) / (grid[-1] - grid[0])
    size = np.abs(values).max()
    if np.abs(values - values[0] - slope * (grid - grid[0])).max() > 1e-12 * size or size == 0:
        return None if size else set()
    if abs(slope) * (grid[-1] - grid[0]) <= 1e-12 * size:
        return set()
    middle = len(grid) // 2
    return {float(grid[middle] - values[middle] / slope)}


def _refined(
    graph: Graph, crossings: list[tuple[int, int, float, float]], lines: list[tuple[str, dict[str, Fraction]]], names: list[str]
) -> list[tuple[int, float]]:
    """Each change of sign narrowed four times to one sixty-fourth."""
    if not crossings:
        return []
    cuts = sorted({cut for _, cut, _, _ in crossings})
    low = np.array([c[2] for c in crossings])
    high = np.array([c[3] for c in crossings])
    rows = np.array([cuts.index(c[1]) for c in crossings])
    for _ in range(4):
        places = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 65)
        columns = {
            n: np.concatenate([places[k] if n == lines[c[0]][0] else np.full(65, float(lines[c[0]][1].get(n, 0))) for k, c in enumerate(crossings)])
            for n in names
        }
        values = np.stack(floats(graph, cuts, columns)).reshape(len(cuts), len(crossings), 65)[rows, np.arange(len(crossings))]
        signs = np.sign(values)
        change = np.argmax(signs[:, 1:] != signs[:, :1], axis=1)
        index = np.arange(len(crossings))
        low, high = places[index, change], places[index, change + 1]
    return [(c[0], float((low[k] + high[k]) / 2)) for k, c in enumerate(crossings)]


def _merged(points: set[float], where: Domain) -> list[float]:
    kept: list[float] = []
    for x in sorted(points):
        inside = (where.low is None or x > float(where.low)) and (where.high is None or x < float(where.high))
        if inside and (not kept or x - kept[-1] > 1e-7 * (1 + abs(x))):
            kept.append(x)
    return kept[:MOST_CELLS]


def _cell_points(found: list[float], where: Domain, chance: random.Random) -> tuple[list[tuple[int, Fraction]], int]:
    """Two values in every cell, the first as short as it can be."""
    low = float(where.low) if where.low is not None else (found[0] if found else 0.0) - 4
    high = float(where.high) if where.high is not None else (found[-1] if found else low) + 4
    edges = [low, *found, high]
    values = []
    for cell, (a, b) in enumerate(itertools.pairwise(edges)):
        width = b - a
        drawn = a + width * chance.uniform(0.15, 0.85)
        values.append((cell, _between(a + 0.1 * width, b - 0.1 * width, (a + b) / 2)))
        values.append((cell, _between(drawn - 0.02 * width, drawn + 0.02 * width, drawn)))
    return values, len(edges) - 1


def _between(low: float, high: float, middle: float) -> Fraction:
    for digits in range(13):
        candidate = Fraction(f"{middle:.{digits}f}")
        if low <= candidate <= high:
            return candidate
    return Fraction(middle)


def _off_breaks(graph: Graph, cuts: list[int], points: list[Point], names: list[str]) -> list[Point]:
    columns = {name: np.array([float(p.at[name]) for p in points]) for name in names}
    values = np.stack(floats(graph, cuts, columns))
    vanishing = np.abs(values) < 1e-12
    clear = ~vanishing[~vanishing.all(axis=1)].any(axis=0)
    return [point for point, fine in zip(points, clear, strict=True) if fine]
