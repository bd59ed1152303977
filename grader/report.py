"""The instructor's page of one assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import mean, median, stdev
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from grader.changes import AGAIN, REASONS
from grader.checking.audit import suspicions
from grader.course import Assignment
from grader.drawing import Labels, accuracies, distribution
from grader.errors import GraderError
from grader.feedback import moment
from grader.labels import part_label
from grader.marks import NO_MARKS, Json, Marks, Standing, checks_of, outcomes_of, settled, standing, unmarked
from grader.pages.render import render
from grader.pages.text import number, visible
from grader.phrases import in_language, said
from grader.records import Marksheet, Outcome
from grader.results import columns, difficulty, incidents, mistakes, times

MOST_MISTAKES = 25  # what one lesson can talk about


def report_page(
    graded: Sequence[Marksheet],
    assignment: Assignment,
    marks: Mapping[str, Marks] | None = None,
    changes: Sequence[Mapping[str, str]] = (),
    *,
    lang: str = "en",
) -> str:
    """One offline HTML file: how the class did, where it went wrong, what needs a person, and a link to each student.

    `marks` are a person's by student, which stand in place of the machine's; `changes` the rows of changes.csv.
    Persian ("fa") runs right to left, with titles and messages in Persian where the course has them.
    Raises GraderError if there is no marksheet, and for another language.
    """
    if not graded:
        raise GraderError(
            f"A report on {assignment.id} was asked, but there is no marksheet: run grader run {assignment.id}."
        )
    graded = sorted(graded, key=lambda one: one.student)
    sheets = [one.sheet for one in graded]
    runs = {one.student: one.run for one in graded if one.run}
    given = marks or {}
    standings = [standing(one.sheet, settled(given.get(one.student, NO_MARKS), one.run)) for one in graded]
    scores = [float(one.score) for one in standings]
    essays = {essay.part for essay in assignment.essays}
    read = any(part in essays for one in given.values() for part in one.given)
    most = float(max(one.most for one in standings)) if read else _most(sheets, "max_score")
    isolation = sorted({run["isolation"] for run in runs.values() if "isolation" in run})
    manifests = [sheet["manifest"] for sheet in sheets]
    kinds = sorted({(name, kind) for m in manifests for name, kind in m.get("data", {}).items()})
    found = mistakes(graded, lang)
    return render(
        "report.html.j2",
        lang=lang,
        styles=("page.css", "report.css"),
        script="report.js",
        comma=said("report.comma", lang),
        words={str(outcome): said(f"page.outcome.{outcome}", lang).lower() for outcome in Outcome},
        why=partial(_reasons, lang),
        label=partial(part_label, lang=lang),
        title=assignment.title.in_language(lang),
        assignment=assignment.id,
        course=sheets[0].get("course", ""),
        scores={"mean": mean(scores), "median": median(scores), "sd": stdev(scores) if len(scores) > 1 else None},
        most=most,
        bonus=_most(sheets, "bonus_points"),
        manual=_most(sheets, "manual_points"),
        unread=sum(part in essays for one in standings for part in one.waiting),
        read=read,
        outcomes=outcomes_of(c for s in sheets for c in unmarked(s, given.get(s["student"], NO_MARKS))),
        waiting=sum(any(c["outcome"] == Outcome.UNGRADED for c in checks_of(sheet).values()) for sheet in sheets),
        quick=any(m.get("profile") == "quick" for m in manifests),
        profiles=[_profile(lang, name) for name in sorted({str(m.get("profile", "?")) for m in manifests})],
        data=kinds,
        standins=sorted({name for name, kind in kinds if kind == "stand-in"}),
        isolation=isolation,
        level=_level(lang, isolation),
        devices=sorted({str(run["device"]) for run in runs.values() if run.get("device")}),
        seconds=[float(run.get("seconds", 0)) for run in runs.values()],
        chart=_distribution(most, scores, lang),
        parts=difficulty(sheets, assignment, given, lang),
        mistakes=found[:MOST_MISTAKES],
        all_mistakes=len(found),
        incidents=incidents(graded, lang),
        left_out=_left_out(runs, lang),
        changes=changes,
        trainings=_trainings(list(runs.values()), lang),
        suspects=_suspects(runs, lang),
        audits=sorted({float(run["audit"]) for run in runs.values() if "audit" in run}),
        each=[
            (name, training, training.get("accuracies", []))
            for name, run in runs.items()
            for training in run.get("trainings", [])
        ],
        times=times(graded, lang),
        questions=columns(sheets)[0],
        late=any(one.penalty for one in given.values()),
        students=[
            _student(one, now, given.get(one.student, NO_MARKS)) for one, now in zip(graded, standings, strict=True)
        ],
        link=lambda student: f"feedback/{quote(student, safe='', errors='surrogatepass')}.html",
    )


def _profile(lang: str, name: str) -> str:
    return said(f"report.profile.{name}", lang) if name in ("quick", "full") else name


def _level(lang: str, isolation: Sequence[int]) -> str:
    """What isolates at the one level of all runs; "" where they had several."""
    return said(f"report.isolation.{isolation[0]}", lang) if isolation in ([0], [2], [3]) else ""


def _reasons(lang: str, why: str) -> str:
    """Why a mark has changed, as changes.csv says it in English; what is none of our reasons is left as it is."""
    found = why.split(", ")
    if not set(found) <= {*REASONS, AGAIN}:
        return why
    return said("report.comma", lang).join(said(f"report.why.{reason}", lang) for reason in found)


def _most(sheets: Sequence[Json], key: str) -> float:
    return max(float(sheet[key]) for sheet in sheets)


def _distribution(most: float, scores: Sequence[float], lang: str) -> Markup:
    most, average = max([most, *scores]), number(mean(scores), lang, digits=1)
    title = said("report.scores.chart", lang, count=len(scores), most=number(most, lang), mean=average)
    mark = said("report.scores.mean", lang, mean=average)
    x, y = said("report.scores.x", lang), said("report.scores.y", lang)
    return distribution(scores, most, mark, Labels("scores", title, lang, x, y))


def _trainings(runs: Sequence[Json], lang: str) -> tuple[Markup, int, int] | None:
    """A chart of every accuracy that was measured, how many there are, and how many are under their bar."""
    trainings = [training for run in runs for training in run.get("trainings", [])]
    found = [(str(training.get("part", "?")), one) for training in trainings for one in training.get("accuracies", [])]
    rows: dict[str, list[tuple[float, float | None]]] = {}
    for part, one in sorted(found, key=lambda pair: (pair[0], pair[1]["rows"])):
        label = said("report.trainings.rows", lang, part=part_label(part, lang), rows=one["rows"])
        rows.setdefault(visible(label), []).append((one["accuracy"], one.get("bar")))
    if not rows:
        return None
    pairs = [pair for row in rows.values() for pair in row]
    title = said("report.trainings.chart", lang, count=len(pairs))
    chart = accuracies(rows, Labels("accuracies", title, lang, said("report.trainings.x", lang)))
    return chart, len(pairs), sum(bar is not None and accuracy < bar for accuracy, bar in pairs)


def _suspects(runs: Mapping[str, Json], lang: str) -> list[tuple[str, str, str]]:
    """(student, part, what the audit found odd) of every training; it has lowered no mark."""
    return [
        (student, part_label(str(training.get("part", "?")), lang), found.in_language(lang))
        for student, run in runs.items()
        for training in run.get("trainings", [])
        for measured_ in training.get("accuracies", [])
        for found in suspicions(measured_)
    ]


def _left_out(runs: Mapping[str, Json], lang: str) -> list[tuple[str, str]]:
    """(student, what of their hand-in nobody could look into)."""
    return [(student, in_language(note, lang)) for student, run in runs.items() for note in run.get("left_out", [])]


def _student(marksheet: Marksheet, now: Standing, marks: Marks) -> dict[str, Any]:
    sheet = marksheet.sheet
    outcomes = Counter(c["outcome"] for c in checks_of(sheet).values())
    parts = {q["id"]: {c["part"] for c in q["checks"]} for q in sheet["questions"]}
    return {
        "name": marksheet.student,
        "score": float(now.score),
        "questions": {q: float(sum(now.parts[part] for part in found)) for q, found in parts.items()},
        "outcomes": outcomes,
        "waiting": len(now.waiting),
        "penalty": float(marks.penalty),
        "submitted": moment(sheet.get("submitted_at", "")),
        "seconds": marksheet.run.get("seconds"),
    }
