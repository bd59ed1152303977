"""A person's marks beside the machine's: what the gradebook holds of one student, and both added up.

Separate from the gradebook because feedback, report and exports join marks with marksheets where no nbgrader is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from grader.errors import GraderError
from grader.records import Marksheet, Outcome

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """What a person gave one part: `points` in place of the machine's (None: none given), `extra` beside them.

    `by_person` is False for the zero of an essay that nobody wrote, which needs no reader. `lines` are those of the
    rubric that were ticked, counted from 1.
    """

    points: Fraction | None = None
    extra: Fraction = Fraction(0)
    comment: str = ""
    by_person: bool = True
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Marks:
    """A person's marks of one student by part, and what lateness costs."""

    parts: Mapping[str, Mark] = field(default_factory=dict)
    penalty: Fraction = Fraction(0)

    @cached_property
    def given(self) -> dict[str, Fraction]:
        """The points that stand in place of the machine's, by part."""
        return {part: mark.points for part, mark in self.parts.items() if mark.points is not None}


NO_MARKS = Marks()


def settled(marks: Marks, run: Json) -> Marks:
    """These marks, and nobody's zero for each essay that by the run file was not handed in and that has no mark yet."""
    nothing = {part: Mark(Fraction(0), by_person=False) for part in run.get("no_essay", ())}
    return replace(marks, parts={**nothing, **marks.parts})


@dataclass(frozen=True)
class Standing:
    """One student's marksheet and a person's marks together.

    `parts`: points by part, extra credit included. `score`: their sum less the penalty for lateness. `most`: what the
    assignment asks for, essays included and bonus not. `waiting`: parts in which something is not judged yet.
    """

    parts: Mapping[str, Fraction]
    score: Fraction
    most: Fraction
    waiting: tuple[str, ...]


def standing(sheet: Json, marks: Marks = NO_MARKS) -> Standing:
    """What a student has by now: a person's mark of a part stands in place of the machine's."""
    checks = by_part(sheet)
    parts = {part: total(check["earned"] or 0 for check in found) for part, found in checks.items()}
    for part in parts.keys() & marks.parts.keys():
        parts[part] = marks.given.get(part, parts[part]) + marks.parts[part].extra
    is_open = {part for part, found in checks.items() if any(check["earned"] is None for check in found)}
    return Standing(
        parts,
        max(Fraction(0), sum(parts.values(), Fraction(0)) - marks.penalty),
        exact(sheet["max_score"]) + exact(sheet["manual_points"]),
        tuple(part for part in parts if part in is_open - marks.given.keys()),
    )


def checks_of(sheet: Json) -> dict[str, Any]:
    """Every check of a marksheet by its name within the assignment: `Check.key`."""
    return {f"{q['id']}::{c['id']}": c for q in sheet["questions"] for c in q["checks"]}


def by_part(sheet: Json) -> dict[str, list[Any]]:
    """The checks of each part, in the marksheet's order."""
    parts: dict[str, list[Any]] = {}
    for check in checks_of(sheet).values():
        parts.setdefault(check["part"], []).append(check)
    return parts


def unmarked(sheet: Json, marks: Marks) -> list[Any]:
    """The checks whose outcome counts: a person's mark of their part has not taken their place."""
    return [check for check in checks_of(sheet).values() if check["part"] not in marks.given]


def outcomes_of(checks: Iterable[Json]) -> list[tuple[str, int]]:
    """(outcome, how many checks have it), in the order of Outcome; those that none has are left out."""
    counts = Counter(check["outcome"] for check in checks)
    return [(str(outcome), counts[outcome]) for outcome in Outcome if counts[outcome]]


def exact(points: float) -> Fraction:
    """Points as they are written: 0.1 is one tenth."""
    return Fraction(str(points))


def total(points: Iterable[float]) -> Fraction:
    """Points added up exactly: 0.1 + 0.2 is 0.3."""
    return sum(map(exact, points), Fraction(0))


def refuse_practice(graded: Sequence[Marksheet], *, allowed: bool, otherwise: str = "pass --practice") -> None:
    """Raise GraderError where marks of trainings come from generated data or from the quick profile.

    `otherwise` is how who asked takes them all the same.
    """
    found = [one.sheet for one in graded if _is_practice(one)]
    if found and not allowed:
        sheet = found[0]
        count, have = (f"{len(found)} marksheets", "have") if len(found) > 1 else ("One marksheet", "has")
        raise GraderError(
            f"{count} of {sheet['assignment']} (the first: {sheet['student']}) {have} marks for trainings on generated "
            f"data or of the quick profile: grade with --profile full and the real data, or {otherwise}."
        )


def _is_practice(marksheet: Marksheet) -> bool:
    manifest = marksheet.sheet["manifest"]
    data = manifest.get("data", {})
    trained = marksheet.run.get("trainings", data)  # without a run file, data is all that tells
    return "stand-in" in data.values() or (manifest.get("profile") == "quick" and bool(trained))
