"""The instructor's page of one assignment, and the same results as a table for a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from io import StringIO
from statistics import StatisticsError, correlation, mean, median, stdev
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from grader.changes import AGAIN, REASONS
from grader.checking.audit import suspicions
from grader.course import Assignment
from grader.drawing import accuracies, distribution
from grader.errors import GraderError
from grader.feedback import measured, moment, require_schema, total
from grader.marks import NO_MARKS, Marks, Standing, standing
from grader.pages.render import DIRECTIONS, render
from grader.pages.text import number, part_label, spreadsheet_cell, visible
from grader.phrases import PERSIAN_DIGITS, phrase
from grader.records import Outcome, Text

Json = Mapping[str, Any]
TOTALS = ("score", "max_score", "bonus_points", "manual_points", "manual_bonus")
MOST_MISTAKES = 25  # what one lesson can talk about
MOST_TIMES = 15  # checks; what comes after them costs next to nothing
DETAIL_CHARACTERS = 8_000  # of each explanation; the run file has the whole
OUTCOMES = [str(outcome) for outcome in Outcome]
PERSIAN_FIGURES = PERSIAN_DIGITS | {ord("."): "٫"}


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
    """What went wrong in one check in the same words: ungraded is our fault, crashed the student's."""

    outcome: str
    label: str
    check: str
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


def report_page(
    sheets: Sequence[Json],
    runs: Sequence[Json],
    assignment: Assignment,
    marks: Mapping[str, Marks] | None = None,
    changes: Sequence[Mapping[str, str]] = (),
    *,
    lang: str = "en",
) -> str:
    """One offline HTML file: how the class did, where it went wrong, what needs a person, and a link to each student.

    `sheets` are the marksheets (schema 1), `runs` the run files, joined by student; a student without one is fine.
    `marks` are a person's by student, which stand in place of the machine's; `changes` the rows of changes.csv.
    Persian ("fa") runs right to left, with titles and messages in Persian where the course has them.
    Raises GraderError if there is no marksheet or one has another schema, and for another language.
    """
    if lang not in DIRECTIONS:
        raise GraderError(f"A report in {lang!r} was asked; there is {' and '.join(DIRECTIONS)}.")
    if not sheets:
        raise GraderError(
            f"A report on {assignment.id} was asked, but there is no marksheet: run grader run {assignment.id}."
        )
    for sheet in sheets:
        require_schema(sheet)
    sheets = sorted(sheets, key=lambda sheet: str(sheet["student"]))
    names = {sheet["student"] for sheet in sheets}
    by_student = {run["student"]: run for run in runs if run.get("student") in names}
    given = marks or {}
    standings = [standing(sheet, given.get(sheet["student"], NO_MARKS)) for sheet in sheets]
    scores = [float(one.score) for one in standings]
    essays = {essay.part for essay in assignment.essays}
    read = any(part in essays for one in given.values() for part, mark in one.parts.items() if mark.points is not None)
    most = float(max(one.most for one in standings)) if read else _most(sheets, "max_score")
    isolation = sorted({run["isolation"] for run in by_student.values() if "isolation" in run})
    manifests = [sheet["manifest"] for sheet in sheets]
    kinds = sorted({(name, kind) for m in manifests for name, kind in m.get("data", {}).items()})
    return render(
        "report.html.j2",
        lang=lang,
        styles=("page.css", "report.css"),
        script="report.js",
        say=partial(_said, lang),
        digits=lambda text: text.translate(PERSIAN_FIGURES) if lang == "fa" else text,
        comma=_said(lang, "report.comma"),
        words={outcome: _said(lang, f"page.outcome.{outcome}").lower() for outcome in OUTCOMES},
        why=partial(_reasons, lang),
        title=assignment.title.in_language(lang),
        assignment=assignment.id,
        course=sheets[0].get("course", ""),
        scores={"mean": mean(scores), "median": median(scores), "sd": stdev(scores) if len(scores) > 1 else None},
        most=most,
        bonus=_most(sheets, "bonus_points"),
        manual=_most(sheets, "manual_points"),
        unread=sum(part in essays for one in standings for part in one.waiting),
        read=read,
        outcomes=_outcomes([c for sheet in sheets for c in _unmarked(sheet, given)]),
        waiting=sum(any(c["outcome"] == Outcome.UNGRADED for _, c in _checks(sheet)) for sheet in sheets),
        quick=any(m.get("profile") == "quick" for m in manifests),
        profiles=[_profile(lang, name) for name in sorted({str(m.get("profile", "?")) for m in manifests})],
        data=kinds,
        standins=sorted({name for name, kind in kinds if kind == "stand-in"}),
        isolation=isolation,
        level=_level(lang, isolation),
        devices=sorted({str(run["device"]) for run in by_student.values() if run.get("device")}),
        seconds=[float(run.get("seconds") or 0) for run in by_student.values()],
        chart=_distribution(most, scores, lang),
        parts=_difficulty(sheets, assignment, given, lang),
        mistakes=_mistakes(sheets, by_student, lang),
        incidents=_incidents(sheets, by_student, lang),
        changes=changes,
        trainings=_trainings(list(by_student.values()), lang),
        suspects=_suspects(by_student, lang),
        audits=sorted({float(run["audit"]) for run in by_student.values() if "audit" in run}),
        each=[
            (name, training, measured(training))
            for name in sorted(by_student)
            for training in by_student[name].get("trainings") or []
        ],
        times=_times(sheets, by_student, lang),
        questions=_columns(sheets)[0],
        late=any(one.penalty for one in given.values()),
        students=[
            _student(sheet, by_student.get(sheet["student"], {}), one, given.get(sheet["student"], NO_MARKS))
            for sheet, one in zip(sheets, standings, strict=True)
        ],
        link=lambda student: f"feedback/{quote(student, safe='', errors='surrogatepass')}.html",
    )


def results_csv(sheets: Sequence[Json]) -> str:
    """The marksheets as a table (RFC 4180), one row a student in the order of names.

    Columns: student, the marksheet's five totals, each question's score, each part's points earned; a cell stays empty
    where nothing is judged yet. A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    questions, parts = _columns(sheets)
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([spreadsheet_cell(name) for name in ("student", *TOTALS, *questions, *parts)])
    for sheet in sorted(sheets, key=lambda sheet: str(sheet["student"])):
        require_schema(sheet)
        scores = {q["id"]: number(q["score"]) for q in sheet["questions"]}
        earned = {part: number(float(e)) for part, (e, _) in _earned(sheet).items()}
        row = [
            *(number(sheet[t]) for t in TOTALS),
            *(scores.get(q, "") for q in questions),
            *(earned.get(p, "") for p in parts),
        ]
        writer.writerow([spreadsheet_cell(sheet["student"]), *row])
    return out.getvalue()


def _said(lang: str, key: str, **values: object) -> str:
    return phrase(key, **values).in_language(lang)


def _told(lang: str, check: Json) -> str:
    """What the student was told, in English where there is nothing else."""
    return str(check["message"].get(lang) or check["message"].get("en", ""))


def _profile(lang: str, name: str) -> str:
    return _said(lang, f"report.profile.{name}") if name in ("quick", "full") else name


def _level(lang: str, isolation: Sequence[int]) -> str:
    """What isolates at the one level of all runs; "" where they had several."""
    return _said(lang, f"report.isolation.{isolation[0]}") if isolation in ([0], [2], [3]) else ""


def _reasons(lang: str, why: str) -> str:
    """Why a mark has changed, as changes.csv says it in English; what is none of our reasons is left as it is."""
    found = why.split(", ")
    if not set(found) <= {*REASONS, AGAIN}:
        return why
    return _said(lang, "report.comma").join(_said(lang, f"report.why.{reason}") for reason in found)


def _checks(sheet: Json) -> list[tuple[str, Json]]:
    """(question, check) of every check of a marksheet."""
    return [(q["id"], c) for q in sheet["questions"] for c in q["checks"]]


def _columns(sheets: Sequence[Json]) -> tuple[list[str], list[str]]:
    """The questions and the parts of all marksheets, each once, in the order in which they come."""
    questions = dict.fromkeys(q["id"] for sheet in sheets for q in sheet["questions"])
    parts = dict.fromkeys(c["part"] for sheet in sheets for _, c in _checks(sheet))
    return list(questions), list(parts)


def _earned(sheet: Json) -> dict[str, tuple[Fraction, Fraction]]:
    """part -> (earned, points) over the checks that are judged; a part with none is left out."""
    sums: dict[str, tuple[Fraction, Fraction]] = {}
    for _, check in _checks(sheet):
        if check["earned"] is not None:
            earned, points = sums.get(check["part"], (Fraction(0), Fraction(0)))
            sums[check["part"]] = earned + total([check["earned"]]), points + total([check["points"]])
    return sums


def _marked(
    earned: Mapping[str, tuple[Fraction, Fraction]], sheet: Json, marks: Marks
) -> dict[str, tuple[Fraction, Fraction]]:
    """The same with a person's points in place of the machine's."""
    parts = {c["part"] for _, c in _checks(sheet)}
    points = {part: total(c["points"] for _, c in _checks(sheet) if c["part"] == part) for part in parts}
    given = {p: (m.points, points[p]) for p, m in marks.parts.items() if m.points is not None and p in parts}
    return {**earned, **given}


def _times(sheets: Sequence[Json], runs: Mapping[str, Json], lang: str) -> list[Time]:
    """The checks that the machine spent most on, the largest first."""
    spent: dict[tuple[str, str], list[float]] = {}
    for sheet in sheets:
        told = runs.get(sheet["student"], {}).get("checks") or {}
        for question, check in _checks(sheet):
            name = f"{question}::{check['id']}"
            if seconds := (told.get(name) or {}).get("seconds"):
                spent.setdefault((check["part"], name), []).append(float(seconds))
    most_first = sorted(spent.items(), key=lambda item: (-sum(item[1]), item[0]))[:MOST_TIMES]
    return [Time(part_label(part, lang), name, sum(s), mean(s), max(s)) for (part, name), s in most_first]


def _most(sheets: Sequence[Json], key: str) -> float:
    return max(float(sheet.get(key) or 0) for sheet in sheets)


def _outcomes(checks: Sequence[Json]) -> list[tuple[str, int]]:
    counts = Counter(c["outcome"] for c in checks)
    return [(outcome, counts[outcome]) for outcome in OUTCOMES if counts[outcome]]


def _unmarked(sheet: Json, given: Mapping[str, Marks]) -> list[Json]:
    """The checks whose outcome counts: a person's mark of their part has not taken their place."""
    marks = given.get(sheet["student"], NO_MARKS).parts
    return [c for _, c in _checks(sheet) if c["part"] not in marks or marks[c["part"]].points is None]


def _distribution(most: float, scores: Sequence[float], lang: str) -> Markup:
    say = partial(_said, lang)
    most, average = max([most, *scores]), number(mean(scores), lang, digits=1)
    title = say("report.scores.chart", count=len(scores), most=number(most, lang), mean=average)
    words = {"mark": say("report.scores.mean", mean=average), "x": say("report.scores.x"), "y": say("report.scores.y")}
    return distribution(scores, most, mean=mean(scores), name="scores", title=title, lang=lang, **words)


def _difficulty(
    sheets: Sequence[Json], assignment: Assignment, given: Mapping[str, Marks], lang: str
) -> list[Difficulty]:
    earned = [_marked(_earned(sheet), sheet, given.get(sheet["student"], NO_MARKS)) for sheet in sheets]
    wholes = [sum((e for e, _ in parts.values()), Fraction(0)) for parts in earned]
    titles = {part: title for question in assignment.questions for part, title in question.parts.items()}
    titles |= {essay.part: essay.title for essay in assignment.essays}
    points = {c["part"]: Fraction(0) for sheet in sheets for _, c in _checks(sheet)}
    for _, check in _checks(max(sheets, key=lambda sheet: len(_checks(sheet)))):
        points[check["part"]] += total([check["points"]])
    essays = {essay.part for essay in assignment.essays}  # shown once a person has read one
    rows = []
    for part in (p for p in _columns(sheets)[1] if p not in essays or any(p in e for e in earned)):
        pairs = [
            (e[part][0] / e[part][1], w - e[part][0])
            for e, w in zip(earned, wholes, strict=True)
            if part in e and e[part][1]
        ]
        shares = [float(share) for share, _ in pairs]
        rows.append(
            Difficulty(
                part_label(part, lang),
                part,
                titles.get(part, Text("")).in_language(lang),
                float(points[part]),
                len(pairs),
                mean(shares) if shares else None,
                _correlation(shares, [float(rest) for _, rest in pairs]),
                tuple(_outcomes([c for sheet in sheets for c in _unmarked(sheet, given) if c["part"] == part])),
            )
        )
    return rows


def _correlation(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    try:
        return correlation(shares, rest)
    except StatisticsError:  # fewer than two students, or all alike: there is no correlation
        return None


def _mistakes(sheets: Sequence[Json], runs: Mapping[str, Json], lang: str) -> list[Mistake]:
    """The commonest mistakes, once a student: by the hints that recognised them, else by the words they were told."""
    found: dict[tuple[str, str, tuple[str, ...], str], list[str]] = {}
    for sheet in sheets:
        told = runs.get(sheet["student"], {}).get("checks") or {}
        for question, c in _checks(sheet):
            message, name = _told(lang, c), f"{question}::{c['id']}"
            hints = tuple((told.get(name) or {}).get("hints") or ())
            if c["outcome"] in (Outcome.PARTIAL, Outcome.FAILED) and (message or hints):
                found.setdefault((c["part"], name, hints, "" if hints else message), []).append(message)
    common = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_MISTAKES]
    return [Mistake(part_label(part, lang), name, hints, told[0], len(told)) for (part, name, hints, _), told in common]


def _incidents(sheets: Sequence[Json], runs: Mapping[str, Json], lang: str) -> list[Incident]:
    """Every check that is ungraded or crashed, students with the same words together; ours first."""
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for sheet in sheets:
        details = runs.get(sheet["student"], {}).get("checks") or {}
        for question, c in _checks(sheet):
            if c["outcome"] in (Outcome.UNGRADED, Outcome.CRASHED):
                key = f"{question}::{c['id']}"
                detail = str((details.get(key) or {}).get("detail") or "")
                same_words = (c["outcome"], c["part"], key, _told(lang, c), detail)
                groups.setdefault(same_words, []).append(sheet["student"])
    ours_first = sorted(groups.items(), key=lambda g: (g[0][0] != Outcome.UNGRADED, -len(g[1]), g[0]))
    return [
        Incident(outcome, part_label(part, lang), check, message, _cut(detail, lang), tuple(students))
        for (outcome, part, check, message, detail), students in ours_first
    ]


def _cut(detail: str, lang: str) -> str:
    left_out = len(detail) - DETAIL_CHARACTERS
    if left_out <= 0:
        return detail
    half = DETAIL_CHARACTERS // 2
    return f"{detail[:half]}\n… {_said(lang, 'report.left_out', count=left_out)} …\n{detail[-half:]}"


def _trainings(runs: Sequence[Json], lang: str) -> tuple[Markup, int, int] | None:
    """A chart of every accuracy that was measured, how many there are, and how many are under their bar."""
    say = partial(_said, lang)
    trainings = [training for run in runs for training in run.get("trainings") or []]
    found = [(str(training.get("part", "?")), one) for training in trainings for one in measured(training)]
    rows: dict[str, list[tuple[float, float | None]]] = {}
    for part, one in sorted(found, key=lambda pair: (pair[0], pair[1].rows or 0)):
        label = part_label(part, lang)
        label = say("report.trainings.rows", part=label, rows=one.rows) if one.rows else label
        rows.setdefault(visible(label), []).append((one.accuracy, one.bar))
    if not rows:
        return None
    pairs = [pair for row in rows.values() for pair in row]
    words = {"title": say("report.trainings.chart", count=len(pairs)), "x": say("report.trainings.x")}
    chart = accuracies(rows, name="accuracies", lang=lang, **words)
    return chart, len(pairs), sum(bar is not None and accuracy < bar for accuracy, bar in pairs)


def _suspects(runs: Mapping[str, Json], lang: str) -> list[tuple[str, str, str]]:
    """(student, part, what the audit found odd) of every training; it has lowered no mark."""
    return [
        (student, part_label(str(training.get("part", "?")), lang), found.in_language(lang))
        for student, run in runs.items()
        for training in run.get("trainings") or []
        for measured_ in training.get("accuracies") or []
        for found in suspicions(measured_)
    ]


def _student(sheet: Json, run: Json, one: Standing, marks: Marks) -> dict[str, Any]:
    outcomes = Counter(c["outcome"] for _, c in _checks(sheet))
    parts = {q["id"]: {c["part"] for c in q["checks"]} for q in sheet["questions"]}
    return {
        "name": sheet["student"],
        "score": float(one.score),
        "questions": {q: float(sum(one.parts[part] for part in found)) for q, found in parts.items()},
        "outcomes": outcomes,
        "waiting": len(one.waiting),
        "penalty": float(marks.penalty),
        "submitted": moment(sheet.get("submitted_at") or ""),
        "seconds": run.get("seconds"),
    }
