"""From a verdict to a marksheet: each check's points rounded once, then added up, so that what is shown adds up too."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any

from grader import __version__
from grader.course import Assignment, Course, Essay, Question
from grader.phrases import phrase
from grader.records import Check, Finding, Marksheet, Outcome, Submission, Verdict, files_sha256

SCHEMA = 1


def score(
    course: Course, assignment: Assignment, submission: Submission, verdict: Verdict, circumstances: Mapping[str, Any]
) -> Marksheet:
    """The marksheet of one submission. `circumstances` (host, device, isolation, ...) go into the run file alone."""
    by_question: dict[str, list[Finding]] = {}
    for finding in verdict.findings:
        by_question.setdefault(finding.check.question, []).append(finding)
    graded = [question for question in assignment.questions if question.id in by_question]
    findings = [finding for question in graded for finding in by_question[question.id]]
    essays = [essay for essay in assignment.essays if essay.question in by_question]
    sheet = {
        "schema": SCHEMA,
        "course": course.id,
        "assignment": assignment.id,
        "student": submission.student,
        "submitted_at": submission.submitted_at,
        "score": _sum(findings),
        "max_score": rounded(sum(f.check.points for f in findings if not f.check.bonus)),
        "bonus_points": rounded(sum(f.check.points for f in findings if f.check.bonus)),
        "manual_points": rounded(sum(essay.points for essay in essays if not essay.bonus)),
        "manual_bonus": rounded(sum(essay.points for essay in essays if essay.bonus)),
        "questions": [_question(question, by_question[question.id], assignment) for question in graded],
        "manifest": {
            "grader": __version__,
            "python": platform.python_version(),
            "torch": _torch(),
            "profile": circumstances["profile"],
            "data": dict(sorted(verdict.data.items())),
            "draw_key": hashlib.sha256(course.draw_key).hexdigest()[:16],
            "term": course.term,
            "variant": course.variant_of(assignment.id, submission.student),
            "submission_sha256": submission.sha256,
            "checks_sha256": circumstances["checks_sha256"],
        },
    }
    figures = _pictures(findings)
    run = {
        "schema": SCHEMA,
        "student": submission.student,
        "assignment": assignment.id,
        "seconds": round(verdict.seconds, 3),
        **{key: value for key, value in circumstances.items() if key not in ("profile", "checks_sha256")},
        "notes": [note.as_json() for note in submission.notes],
        "left_out": [note.as_json() for note in submission.left_out],
        "checks": {
            f.check.key: {
                "seconds": round(f.seconds, 4),
                "detail": f.detail,
                "hints": list(f.hints),
            }
            for f in findings
        },
        "figures": [name for name, _ in figures],
        "trainings": [dict(training) for training in verdict.trainings],
    }
    return Marksheet(submission.student, sheet, run, figures)


def _pictures(findings: Sequence[Finding]) -> tuple[tuple[str, bytes], ...]:
    """Each picture of a question once, under the first check that asked for it: (name, PNG)."""
    first: dict[tuple[str, bytes], str] = {}
    for finding in findings:
        for name, png in finding.figures:
            first.setdefault((finding.check.question, png), name)
    return tuple((name, png) for (_, png), name in first.items())


def earned(finding: Finding) -> Fraction:
    """The points of one finding; nothing (yet) for one without a share."""
    return finding.check.points * finding.share if finding.share is not None else Fraction(0)


def _sum(findings: Iterable[Finding]) -> float:
    """The points as a marksheet, a gradebook and a reader with a pencil add them up: from what each check shows."""
    return rounded(sum(Fraction(str(rounded(earned(finding)))) for finding in findings))


def rounded(points: Fraction | int) -> float:
    """To 0.01, a half up, as people round points; these are never negative."""
    return int(Fraction(points) * 100 + Fraction(1, 2)) / 100


@cache
def _torch() -> str:
    return version("torch")


def checks_sha256(assignment: Assignment) -> str:
    """The hash over everything that decides points: checks, solutions, variants, and the assignment's own table."""
    paths = [*assignment.folder.glob("*.py"), *assignment.folder.glob("*.toml")]
    return files_sha256({path.name: path.read_bytes() for path in paths})


def unreadable(submission: Submission, checks: Iterable[Check]) -> Verdict:
    """The verdict on a hand-in that could not be opened: every check crashed, with the note that says why."""
    why = submission.notes[-1]
    return Verdict(submission.student, tuple(Finding(check, Outcome.CRASHED, Fraction(0), why) for check in checks))


def _question(question: Question, findings: list[Finding], assignment: Assignment) -> dict[str, Any]:
    essays = [essay for essay in assignment.essays if essay.question == question.id]
    return {
        "id": question.id,
        "title": question.title.as_json(),
        "score": _sum(findings),
        "max_score": rounded(sum(f.check.points for f in findings if not f.check.bonus)),
        "checks": [*map(_check, findings), *map(_essay, essays)],
    }


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.check.id,
        "part": finding.check.part,
        "points": rounded(finding.check.points),
        "earned": None if finding.share is None else rounded(earned(finding)),
        "bonus": finding.check.bonus,
        "outcome": str(finding.outcome),
        "says": finding.check.says.as_json(),
        "message": finding.message.as_json(),
    }


def _essay(essay: Essay) -> dict[str, Any]:
    return {
        "id": essay.part,
        "part": essay.part,
        "points": rounded(essay.points),
        "earned": None,
        "bonus": essay.bonus,
        "outcome": str(Outcome.MANUAL),
        "says": essay.title.as_json(),
        "message": phrase("check.essay").as_json(),
    }
