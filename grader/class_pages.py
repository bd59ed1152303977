"""A class's pages, made from the marksheets in an assignment's folder: feedback, report, table and marking sheets.

Separate from the run, which makes them at its end, because they are made again without grading anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.changes import read_changes
from grader.collect import collect
from grader.course import Assignment, Course
from grader.errors import ArchiveError
from grader.essays import answers_in
from grader.exchange import gradebook_path
from grader.feedback import feedback_page
from grader.marking import marking_page
from grader.marks import NO_MARKS, Marks, checks_of
from grader.marksheets import read_results
from grader.records import Marksheet, Outcome
from grader.report import report_page
from grader.results import results_csv
from grader.store import write_atomically
from grader.unpack import unpack


def write_pages(course: Course, assignment: Assignment, folder: Path, lang: str) -> int:
    """A feedback page a student, from the marksheets there; how many there were."""
    marks = marks_beside(course, assignment)
    written = 0
    for marksheet in read_results(folder):
        write_feedback(assignment, folder, marksheet, lang, marks)
        written += 1
    return written


def marks_beside(course: Course, assignment: Assignment) -> dict[str, Marks]:
    """A person's marks of the assignment, by student; nbgrader is loaded only where there is a gradebook."""
    if not gradebook_path(course).exists():
        return {}
    from grader.gradebook.book import marks_of

    return marks_of(course, assignment)


def write_report(assignment: Assignment, folder: Path, marks: Mapping[str, Marks], lang: str) -> int:
    """results.csv and report.html from the marksheets that lie there; how many there were."""
    graded = [_for_the_class(marksheet, lang) for marksheet in read_results(folder)]
    if not graded:
        return 0
    write_atomically(folder / "results.csv", results_csv([one.sheet for one in graded]).encode())
    page = report_page(graded, assignment, marks, read_changes(folder / "changes.csv"), lang=lang)
    write_atomically(folder / "report.html", page.encode())
    return len(graded)


def _for_the_class(marksheet: Marksheet, lang: str) -> Marksheet:
    """Without what only a student's own page shows: a class of thousands is in memory together."""
    checks = checks_of(marksheet.sheet)
    for check in checks.values():
        check["message"] = {one: check["message"].get(one, "") for one in ("en", lang)}
        del check["says"]
    for key, facts in marksheet.run.get("checks", {}).items():
        if checks.get(key, {}).get("outcome") not in (Outcome.UNGRADED, Outcome.CRASHED):
            facts.pop("detail", None)
    for training in marksheet.run.get("trainings", ()):
        training.pop("losses", None)
    return marksheet


def write_feedback(
    assignment: Assignment, folder: Path, marksheet: Marksheet, lang: str, marks: Mapping[str, Marks]
) -> None:
    """One student's page, from their marksheet, the figures beside it and a person's marks."""
    student = marksheet.student
    figures = [
        (name, path.read_bytes())
        for name in marksheet.run.get("figures", [])
        if (path := folder / "figures" / student / name).exists()
    ]
    given = marks.get(student, NO_MARKS)
    page = feedback_page(marksheet.sheet, marksheet.run, assignment, lang=lang, figures=figures, marks=given)
    write_atomically(folder / "feedback" / f"{student}.html", page.encode())


def essays_of(submissions: Path, assignment: Assignment) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The essays of the hand-ins by student and part, and a sentence for each that is left out."""
    hand_ins, problems = collect(submissions, assignment)
    answers: dict[str, dict[str, str]] = {}
    left_out = []
    for hand_in in hand_ins:
        try:
            answers[hand_in.student] = answers_in(unpack(hand_in, assignment).files, assignment)
        except ArchiveError as fault:
            left_out.append(f"{hand_in.student}: {fault}")
    return answers, [*left_out, *(problem.en for problem in problems)]


def write_essays(
    answers: Mapping[str, Mapping[str, str]], course: Course, assignment: Assignment, folder: Path, lang: str
) -> list[Path]:
    """A marking sheet an essay, from the answers by student and part and the marksheets there; where they are."""
    sheets = {marksheet.student: marksheet.sheet for marksheet in read_results(folder)}
    marks = marks_beside(course, assignment)
    written = []
    for essay in assignment.essays:
        texts = {student: told.get(essay.part, "") for student, told in answers.items()}
        page = marking_page(assignment, essay, texts, sheets, marks, lang=lang)
        path = folder / "essays" / f"{essay.part}.html"
        write_atomically(path, page.encode("utf-8", "replace"))
        written.append(path)
    return written
