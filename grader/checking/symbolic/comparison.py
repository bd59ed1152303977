"""Decides whether two formulas are the same function: by structure, by points in every cell, and by proof.

The question is put on the real line, in the interior of the expected formula's domain, with principal branches; values
at kinks are not compared. Nothing of the texts is run, but what is built may be slow: checks ask through `client`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from typing import Any

from grader.checking.symbolic.domains import Domain, domain
from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.formula import Formula, parse, too_much
from grader.checking.symbolic.graph import Bomb, Graph
from grader.checking.symbolic.points import by_points, differs_deep, untold
from grader.checking.symbolic.proof import proved
from grader.checking.symbolic.sampling import Sample, sample
from grader.checking.symbolic.tokens import FormulaError
from grader.checking.symbolic.verdict import DIGITS, Comparison, Decision, plain
from grader.errors import CourseError
from grader.phrases import phrase
from grader.records import Text

SECONDS = 1.6  # of the 2 s of the processor that a comparison may take: it is to give up before the helper is killed
PROOF_SECONDS = 0.8  # symbolic.md


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
    found = by_points(graph, ours.root, right.root, places, deadline)
    if not found.equal:
        if found.verdict is Decision.DIFFERENT:
            doubts = (phrase(f"same.{key}", at=at) for key, at in ours.doubts.items())
            return replace(found, texts=(*found.texts, *doubts))
        return found
    verdict, left = found.verdict, deadline - time.thread_time()
    precise = Precise(graph, (ours.root, right.root))
    if left > 0 and proved(graph, ours.root, right.root, domains, min(PROOF_SECONDS, left)):
        verdict = Decision.PROVED
    elif untold(precise, Precise(graph, [right.root]), places):
        return replace(found, verdict=Decision.UNDECIDED, notes=("not proved, and in one cell no value holds",))
    elif verdict is Decision.NUMERICALLY and differs_deep(graph, precise, places, deadline):
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
        if by_points(graph, ours.root, mistake.root, places, deadline).verdict in (
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


def _notes(precise: Precise, ours: Formula, places: Sample) -> tuple[tuple[Text, ...], tuple[str, ...]]:
    """What a right answer should still be told: a comparison read as a number, a hole, a value beyond both slopes."""
    texts = [phrase("same.condition")] if ours.condition else []
    for place in places.breaks:
        line, value = place.line, place.value
        a, b = precise.at(line.at(value), DIGITS)
        here = f"{line.name} = {plain(value):.12g}"
        if a is None and b is not None:
            texts.append(phrase("same.hole", at=here))
        elif a is not None:
            step = Fraction(1, 10**9)
            sides = [precise.at(line.at(value + way * step), DIGITS)[1] for way in (-1, 1)]
            if None not in sides:
                low, high = min(sides), max(sides)
                slack = 1e-6 * (1 + abs(low) + abs(high))
                if not low - slack <= a <= high + slack:
                    texts.append(phrase("same.kink", at=here))
    texts = list({text.en: text for text in texts}.values())
    return tuple(texts), tuple(text.en for text in texts)
