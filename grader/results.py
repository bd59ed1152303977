"""What the marksheets of a class come to: by part, mistake, incident and check, and as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import StatisticsError, correlation, mean

from grader.course import Assignment
from grader.labels import part_label
from grader.marks import NO_MARKS, Json, Marks, by_part, checks_of, outcomes_of, total, unmarked
from grader.pages.table import csv_table
from grader.pages.text import number
from grader.phrases import in_language, said
from grader.records import Marksheet, Outcome, Text

TOTALS = ("score", "max_score", "bonus_points", "manual_points", "manual_bonus")
MOST_TIMES = 15  # checks; what comes after them costs next to nothing
MOST_LABELS = 5  # of the parts of an incident: a line of a telephone
VARIANT = "variant"  # the hint of a check whose numbers are another student's
DETAIL_CHARACTERS = 8_000  # of each explanation; the run file has the whole


@dataclass(frozen=True)
class Difficulty:
    """How one part went: the mean share of its points, and its correlation with everything else, None if undefined."""

    label: str
    part: str
    title: str
    points: float
    judged: int
    share: float | None
    discrimination: float | None
    outcomes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Mistake:
    """One recognised mistake (its hint's keys), or one message where nothing was recognised, and how many got it."""

    label: str
    check: str
    hints: tuple[str, ...]
    message: str
    students: int


@dataclass(frozen=True)
class Incident:
    """What went wrong in the same words, in one check or several: ungraded is our fault, crashed the student's."""

    outcome: str
    label: str
    checks: tuple[str, ...]
    message: str
    detail: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Time:
    """What the machine spent on one check, its trainings included: over all students, a student, and the longest."""

    label: str
    check: str
    whole: float
    mean: float
    longest: float


def results_csv(sheets: Sequence[Json]) -> str:
    """The marksheets as a table (RFC 4180), one row a student in the order of names.

    Columns: student, the marksheet's five totals, each question's score, each part's points earned; a cell stays empty
    where nothing is judged yet. A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    questions, parts = columns(sheets)
    rows: list[list[str | Decimal]] = [["student", *TOTALS, *questions, *parts]]
    for sheet in sorted(sheets, key=lambda sheet: str(sheet["student"])):
        scores = {q["id"]: _plain(q["score"]) for q in sheet["questions"]}
        earned = {part: _plain(e) for part, (e, _) in _earned(sheet).items()}
        totals = [_plain(sheet[t]) for t in TOTALS]
        pieces = [*(scores.get(q, "") for q in questions), *(earned.get(p, "") for p in parts)]
        rows.append([sheet["student"], *totals, *pieces])
    return csv_table(rows)


def _plain(points: float | Fraction) -> Decimal:
    """Points with the digits that people read, and no text: below zero they are no formula."""
    return Decimal(number(points))


def difficulty(
    sheets: Sequence[Json], assignment: Assignment, given: Mapping[str, Marks], lang: str
) -> list[Difficulty]:
    """Each part in the order of the marksheets; an essay once a person has read one."""
    earned = [_earned(sheet, given.get(sheet["student"], NO_MARKS)) for sheet in sheets]
    wholes = [sum((e for e, _ in parts.values()), Fraction(0)) for parts in earned]
    titles = {part: title for question in assignment.questions for part, title in question.parts.items()}
    titles |= {essay.part: essay.title for essay in assignment.essays}
    worth = by_part(max(sheets, key=lambda sheet: len(checks_of(sheet))))
    open_checks = [c for sheet in sheets for c in unmarked(sheet, given.get(sheet["student"], NO_MARKS))]
    essays = {essay.part for essay in assignment.essays}
    rows = []
    for part in (p for p in columns(sheets)[1] if p not in essays or any(p in e for e in earned)):
        pairs = [
            (e[part][0] / e[part][1], w - e[part][0])
            for e, w in zip(earned, wholes, strict=True)
            if part in e and e[part][1]
        ]
        shares = [float(share) for share, _ in pairs]
        rows.append(
            Difficulty(
                label=part_label(part, lang),
                part=part,
                title=titles.get(part, Text("")).in_language(lang),
                points=float(total(c["points"] for c in worth.get(part, ()))),
                judged=len(pairs),
                share=mean(shares) if shares else None,
                discrimination=_correlation(shares, [float(rest) for _, rest in pairs]),
                outcomes=tuple(outcomes_of(c for c in open_checks if c["part"] == part)),
            )
        )
    return rows


def _correlation(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    try:
        return correlation(shares, rest)
    except StatisticsError:  # fewer than two students, or all alike: there is no correlation
        return None


def mistakes(graded: Sequence[Marksheet], lang: str) -> list[Mistake]:
    """Mistakes, the commonest first: by the hints that recognised them, else by the words they were told."""
    found: dict[tuple[str, str, tuple[str, ...], str], list[str]] = {}
    for _, name, c, told in _each(graded):
        message, hints = in_language(c["message"], lang), tuple(told.get("hints", ()))
        if c["outcome"] in (Outcome.PARTIAL, Outcome.FAILED) and (message or hints):
            found.setdefault((c["part"], name, hints, "" if hints else message), []).append(message)
    common = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Mistake(part_label(part, lang), name, hints, told[0], len(told)) for (part, name, hints, _), told in common]


def incidents(graded: Sequence[Marksheet], lang: str) -> list[Incident]:
    """What is ungraded or crashed, or has another student's numbers, once for all checks and students; ours first.

    A module that cannot be read has the same words in each of its checks: they are one incident.
    """
    found: dict[tuple[str, tuple[str, str, str]], list[tuple[str, str]]] = {}
    for student, key, c, told in _each(graded):
        if c["outcome"] in (Outcome.UNGRADED, Outcome.CRASHED) or VARIANT in told.get("hints", ()):
            same_words = (c["outcome"], in_language(c["message"], lang), told.get("detail", ""))
            found.setdefault((student, same_words), []).append((c["part"], key))
    groups: dict[tuple[tuple[str, str, str], tuple[tuple[str, str], ...]], list[str]] = {}
    for (student, same_words), checks in found.items():
        groups.setdefault((same_words, tuple(checks)), []).append(student)
    ours_first = sorted(groups.items(), key=lambda g: (g[0][0][0] != Outcome.UNGRADED, -len(g[1]), g[0][1], g[0][0]))
    return [
        Incident(
            outcome=outcome,
            label=_labels(checks, lang),
            checks=tuple(key for _, key in checks),
            message=told,
            detail=_cut(detail, lang),
            students=tuple(students),
        )
        for ((outcome, told, detail), checks), students in ours_first
    ]


def _labels(checks: Sequence[tuple[str, str]], lang: str) -> str:
    labels = list(dict.fromkeys(part_label(part, lang) for part, _ in checks))
    few = labels if len(labels) <= MOST_LABELS else [*labels[: MOST_LABELS - 1], "…"]
    return said("report.comma", lang).join(few)


def _cut(detail: str, lang: str) -> str:
    left_out = len(detail) - DETAIL_CHARACTERS
    if left_out <= 0:
        return detail
    half = DETAIL_CHARACTERS // 2
    return f"{detail[:half]}\n… {said('report.left_out', lang, count=left_out)} …\n{detail[-half:]}"


def times(graded: Sequence[Marksheet], lang: str) -> list[Time]:
    """The checks that the machine spent most on, the largest first."""
    spent: dict[tuple[str, str], list[float]] = {}
    for _, name, check, told in _each(graded):
        if seconds := told.get("seconds"):
            spent.setdefault((check["part"], name), []).append(float(seconds))
    most_first = sorted(spent.items(), key=lambda item: (-sum(item[1]), item[0]))[:MOST_TIMES]
    return [Time(part_label(part, lang), name, sum(s), mean(s), max(s)) for (part, name), s in most_first]


def _each(graded: Sequence[Marksheet]) -> Iterator[tuple[str, str, Json, Json]]:
    """Every check of a class: the student, its name, its entry in the marksheet, and that in the run file."""
    for one in graded:
        told = one.run.get("checks", {})
        for name, check in checks_of(one.sheet).items():
            yield one.student, name, check, told.get(name, {})


def columns(sheets: Sequence[Json]) -> tuple[list[str], list[str]]:
    """The questions and the parts of all marksheets, each once, in the order in which they come."""
    questions = dict.fromkeys(q["id"] for sheet in sheets for q in sheet["questions"])
    parts = dict.fromkeys(part for sheet in sheets for part in by_part(sheet))
    return list(questions), list(parts)


def _earned(sheet: Json, marks: Marks = NO_MARKS) -> dict[str, tuple[Fraction, Fraction]]:
    """part -> (earned, points) over what a person has judged, else the machine; a part with nothing is left out."""
    given = marks.given
    judged = {p: [c for c in checks if p in given or c["earned"] is not None] for p, checks in by_part(sheet).items()}
    return {
        part: (given[part] if part in given else total(c["earned"] for c in checks), total(c["points"] for c in checks))
        for part, checks in judged.items()
        if checks
    }
