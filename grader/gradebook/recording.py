"""Marksheets go into the gradebook: by `grader record`, and by nbgrader's own autograding through `RecordMarks`.

It takes the place of nbgrader's execution: no kernel starts, and no student's code runs in this process. Marks are
written by the gradebook's own API and never travel through a cell's output, where nbgrader takes a word on stderr for
zero points and a NumPy scalar for all of them.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Grade, Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade
from traitlets import Bool, Enum, List, Unicode

from grader.collect import submitted_at
from grader.course import Assignment, Course, find_course
from grader.errors import GraderError
from grader.essays import essays_in
from grader.exchange import configuration, home
from grader.feedback import notes_feedback, part_feedback
from grader.gradebook.book import TICKED, card_of, lay_cells, marks_in, named, opened, rows_of
from grader.marks import Json, Marks, by_part, exact, refuse_practice, standing
from grader.marksheets import read_marksheet, read_result
from grader.records import HandIn, Marksheet
from grader.report_card import essay_cells, grade_id, output, parts_by_grade_id, written
from grader.unpack import plain_files

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config


@dataclass(frozen=True)
class Overruled:
    """A part in which the points that a person gave stay in place of others that the machine would give."""

    student: str
    part: str
    given: float
    earned: float


@dataclass
class Recorded:
    """What came of recording: who is in the gradebook, what waits there for a person, and who was left out and why."""

    students: list[str] = field(default_factory=list)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)


def record(
    course: Course,
    assignment: Assignment,
    out: Path,
    graded: Sequence[Marksheet],
    *,
    practice: bool = False,
    lang: str = "en",
    advance: Callable[[str], None] = lambda student: None,
) -> Recorded:
    """Write these marksheets, which `grader run` wrote below `out`, into the gradebook, and `autograded/` beside it.

    What `nbgrader autograde` would do, by nbgrader's own converter: late penalties are those of its plugin. A person's
    mark and extra credit are left as they are. Who has no hand-in in nbgrader's tree, or handed in again after being
    graded, is left out and named. Raises GraderError, with nothing written, for marks that are practice.
    """
    refuse_practice(graded, allowed=practice)
    summary = Recorded()
    with opened(course) as book:
        lay_cells(book, assignment, card_of(assignment, lang))
    config = _config(course, out, practice, lang)
    for marksheet in graded:
        student = marksheet.student
        if why := _why_not(course, assignment, marksheet.sheet) or _autograde(config, assignment, student):
            summary.problems.append(f"{student}: {why}")
        else:
            summary.students.append(student)
        advance(student)
    with opened(course) as book:
        marks = marks_in(book, assignment)
    by_student = {marksheet.student: marksheet.sheet for marksheet in graded}
    for student in summary.students:
        if waiting := standing(by_student[student], marks[student]).waiting:
            summary.waiting[student] = waiting
        summary.overruled += _overruled(by_student[student], marks[student])
    return summary


def _overruled(sheet: Json, marks: Marks) -> Iterator[Overruled]:
    for part, checks in by_part(sheet).items():
        given = marks.given.get(part)
        judged = [exact(check["earned"]) for check in checks if check["earned"] is not None]
        if judged and given is not None and given != sum(judged):
            yield Overruled(sheet["student"], part, float(given), float(sum(judged)))


class RestoreCard(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader has no types
    """First of all in nbgrader's autograding: the gradebook's cells and the hand-in's are again the report card's."""

    course = Unicode("", help="The course's folder; default: the nearest parent of where nbgrader runs.").tag(
        config=True
    )
    lang = Enum(["en", "fa"], "en", help="The language of cells that are added.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        course = find_course(Path(self.course) if self.course else None)
        assignment = course.assignment(resources["nbgrader"]["assignment"])
        if resources["nbgrader"]["notebook"] == assignment.id:  # else somebody's own notebook beside it
            card = card_of(assignment, self.lang)
            with opened(course) as book:
                lay_cells(book, assignment, card)
            _restore(nb, card)
        return nb, resources


class RecordMarks(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader has no types
    """In nbgrader's autograding: writes a student's marksheet into the gradebook and onto the report card's cells.

    A marksheet that is missing, or older than the hand-in, is made on the spot by `grader run` in a process of its own.
    """

    course = Unicode("", help="The course's folder; default: the nearest parent of where nbgrader runs.").tag(
        config=True
    )
    results = Unicode("results", help="Where results lie, as `grader run --out` says, from the course's folder.").tag(
        config=True
    )
    practice = Bool(False, help="Record marks for trainings on generated data or of the quick profile.").tag(
        config=True
    )
    lang = Enum(["en", "fa"], "en", help="The language of what the cells show.").tag(config=True)
    run = List(Unicode(), help="Options of `grader run` for a marksheet made on the spot: ['--profile', 'full'].").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        about = resources["nbgrader"]
        course = find_course(Path(self.course) if self.course else None)
        assignment = course.assignment(about["assignment"])
        if about["notebook"] != assignment.id:
            return nb, resources
        marksheet = self._marksheet(course, assignment, about["student"])
        allow = "set c.RecordMarks.practice = True in nbgrader_config.py"
        refuse_practice([marksheet], allowed=self.practice, otherwise=allow)
        _answer_essays(nb, assignment, _hand_in(course, assignment, about["student"]))
        _show(nb, marksheet, self.lang)
        with opened(course) as book:
            _write(book, assignment, marksheet.sheet, nb)
        return nb, resources

    def _marksheet(self, course: Course, assignment: Assignment, student: str) -> Marksheet:
        out = course.root / self.results
        path = out / assignment.id / f"{student}.json"
        hand_in = _hand_in(course, assignment, student)
        if not path.exists() or _older(read_marksheet(path), hand_in):
            places = ["--submissions", str(hand_in.parent), "--out", str(out), "--course", str(course.root)]
            told = subprocess.run(
                [sys.executable, "-m", "grader", "run", assignment.id, *places, "--lang", self.lang, *self.run],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if told.returncode not in (0, 1) or not path.exists():  # 1: graded, some checks not judged
                why = (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise GraderError(f"{student} has no marksheet of {assignment.id}, and grader run made none: {why}")
        return read_result(path)


def _write(book: Gradebook, assignment: Assignment, sheet: Json, nb: NotebookNode) -> None:
    """The machine's marks of one student, over what nbgrader wrote when it made the submission.

    A part that the assignment no longer has gives nothing; GraderError where the marksheet still has one.
    """
    grades, comments = rows_of(book, assignment, sheet["student"])
    parts = by_part(sheet)
    known = parts_by_grade_id(assignment)
    if gone := [part for part in parts if grade_id(part) not in known]:
        raise GraderError(f"the marksheet has {gone[0]}, which {assignment.id} no longer has; run grader run again")
    for name in grades.keys() - known.keys():
        _score(grades[name], 0.0, waits=False)
    for part, checks in parts.items():
        judged = [exact(check["earned"]) for check in checks if check["earned"] is not None]
        _score(grades[grade_id(part)], float(sum(judged)) if judged else None, waits=len(judged) < len(checks))
    for name, cell in essay_cells(nb):
        if name in comments:
            points, _ = determine_grade(cell)  # 0 for an untouched cell, None for one with an answer
            _score(grades[name], points, waits=points is None)
            if not TICKED.match(comments[name].auto_comment or ""):
                comments[name].auto_comment = "No response." if points == 0 else None
    book.db.commit()


def _score(grade: Grade, points: float | None, *, waits: bool) -> None:
    grade.auto_score = points
    if grade.manual_score is None:  # what a person has marked stays marked
        grade.needs_manual_grade = waits


def _restore(nb: NotebookNode, card: NotebookNode) -> None:
    """Every cell of the report card once, with its own metadata: what is missing comes back where it stood."""
    there: dict[str, NotebookNode] = {}
    ours = {name for name, _ in named(card)}
    for name, cell in list(named(nb)):
        if name in there or name not in ours:
            del cell.metadata["nbgrader"]
        else:
            there[name] = cell
    before = -1
    for name, cell in named(card):
        if name in there:
            there[name].metadata["nbgrader"] = cell.metadata["nbgrader"]
            before = next(place for place, other in enumerate(nb.cells) if other is there[name])
        else:
            before += 1
            nb.cells.insert(before, cell)


def _answer_essays(nb: NotebookNode, assignment: Assignment, hand_in: Path) -> None:
    """Put what essays.md answers into the cells that nobody wrote in."""
    files: dict[str, bytes] = {}
    with suppress(GraderError):  # an archive that is refused: its marksheet says why
        files = plain_files(HandIn(hand_in.parent.name, hand_in, ""), assignment, [])
    answers = essays_in(files, assignment)
    by_name = {grade_id(part): answer for part, answer in answers.items()}
    for name, cell in essay_cells(nb):
        if not written(cell) and name in by_name:
            cell["source"] = by_name[name]


def _show(nb: NotebookNode, marksheet: Marksheet, lang: str) -> None:
    """What the checks of each part found, as the output of the part's cell; what was handed in stands in the first."""
    told = marksheet.run.get("notes")
    notes = [output(*notes_feedback(told, lang))] if told else []
    by_name = {grade_id(part): checks for part, checks in by_part(marksheet.sheet).items()}
    for cell in nb.cells:
        named = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code":
            cell.outputs = []
        if cell.cell_type == "code" and named.get("grade") and named.get("grade_id") in by_name:
            html, plain = part_feedback(by_name[named["grade_id"]], lang)
            cell.outputs = [*notes, output(html, plain)]
            notes = []


def _hand_in(course: Course, assignment: Assignment, student: str) -> Path:
    return home(course) / "submitted" / student / assignment.id


def _older(sheet: Json, hand_in: Path) -> bool:
    """Was the marksheet made from another hand-in than the one that lies there, as far as the time tells?"""
    there = submitted_at(hand_in)
    return bool(there) and sheet.get("submitted_at") != there


def _why_not(course: Course, assignment: Assignment, sheet: Json) -> str:
    hand_in = _hand_in(course, assignment, sheet["student"])
    if not (hand_in / assignment.card_file).is_file():
        return f"no hand-in with a report card in {hand_in}; run grader collect {assignment.id}"
    if _older(sheet, hand_in):
        return f"handed in again after being graded; run grader run {assignment.id}"
    return ""


def _config(course: Course, out: Path, practice: bool, lang: str) -> Config:
    """The course's nbgrader_config.py, or ours alone where it has none, and what this run asks for."""
    config = configuration(course)
    config.RecordMarks.results = str(out.resolve())
    config.RecordMarks.practice = practice
    config.RecordMarks.lang = config.RestoreCard.lang = lang
    return config


def _autograde(config: Config, assignment: Assignment, student: str) -> str:
    """Let nbgrader convert one student's hand-in; what went wrong, "" if nothing did."""
    log, told = logging.Logger("nbgrader", logging.ERROR), StringIO()
    log.addHandler(logging.StreamHandler(told))
    directory = CourseDirectory(config=config, log=log, assignment_id=assignment.id, student_id=student)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Object of type <Submitted")  # of nbgrader's own making
            Autograde(coursedir=directory, config=config, log=log, force=True).start()
    except NbGraderException:
        return _reason(told.getvalue())
    return ""


def _reason(log: str) -> str:
    """The error that a traceback in nbgrader's log ends with, without its class if it is ours; else the first line."""
    lines = [line for line in log.splitlines() if line.strip()] or ["nbgrader did not say why"]
    ends = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Entry|Exit): ", line)]
    return re.sub(r"^grader\.errors\.\w+: ", "", ends[-1]) if ends else lines[0]
