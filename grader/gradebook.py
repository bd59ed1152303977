"""Marksheets go into nbgrader's gradebook, and a person's marks come out of it.

One of nbgrader's two doorways. The cells are the report card's (card.py), whose notebook is named as its assignment.
`RecordMarks` takes the place of nbgrader's own execution: no kernel starts and no student's code runs in this process.
Marks are written by the gradebook's own API and never travel through a cell's output, where nbgrader takes a word on
stderr for zero points and a NumPy scalar for all of them.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, determine_grade, parse_utc
from sqlalchemy.exc import SAWarning
from traitlets import Bool, Enum, Unicode
from traitlets.config import Config, PyFileConfigLoader

from grader.authoring.worth import part_points
from grader.card import UNANSWERED, essay_answers, essay_cells, grade_id, parts_by_grade_id, report_card
from grader.course import Assignment, Course, find_course
from grader.errors import GraderError
from grader.exchange import configure
from grader.feedback import part_feedback, require_schema
from grader.marks import Mark, Marks, exact, refuse_practice, standing

Json = Mapping[str, Any]


@dataclass
class Recorded:
    """What came of recording: who is in the gradebook, what waits there for a person, and who was left out and why."""

    students: list[str] = field(default_factory=list)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def path_of(course: Course) -> Path:
    """Where the course's gradebook lies."""
    return course.root / "nbgrader" / "gradebook.db"


@contextmanager
def opened(course: Course) -> Iterator[Gradebook]:
    """The course's gradebook, made where there is none yet; what is open is closed again."""
    path = path_of(course)
    made = not path.exists()
    path.parent.mkdir(exist_ok=True)
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"  # nbgrader calls this one's alembic
    try:
        book = Gradebook(f"sqlite:///{path}", course.id)
    except Exception as fault:
        if made:
            path.unlink(missing_ok=True)  # half made, it would be taken for a whole one next time
        raise GraderError(
            f"{path} cannot be opened as nbgrader's gradebook ({fault}); see nbgrader db --help."
        ) from fault
    finally:
        os.environ["PATH"] = before
    with book:
        yield book


def record(
    course: Course,
    assignment: Assignment,
    out: Path,
    sheets: Sequence[Json],
    runs: Sequence[Json],
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
    for sheet in sheets:
        require_schema(sheet)
    refuse_practice(sheets, runs, allowed=practice)
    summary = Recorded()
    with opened(course) as book:
        lay_cells(book, assignment, _card(assignment, lang))
    config = _config(course, out, practice, lang)
    for sheet in sheets:
        student = sheet["student"]
        if why := _why_not(course, assignment, sheet) or _autograde(config, assignment, student):
            summary.problems.append(f"{student}: {why}")
        else:
            summary.students.append(student)
        advance(student)
    with opened(course) as book:
        marks = _marks(book, assignment)
    by_student = {sheet["student"]: sheet for sheet in sheets}
    for student in summary.students:
        if waiting := standing(by_student[student], marks[student]).waiting:
            summary.waiting[student] = waiting
    return summary


def marks_of(course: Course, assignment: Assignment) -> dict[str, Marks]:
    """A person's marks of an assignment by student; empty where there is no gradebook or nothing in it yet."""
    if not path_of(course).exists():
        return {}
    with opened(course) as book:
        return _marks(book, assignment)


def _marks(book: Gradebook, assignment: Assignment) -> dict[str, Marks]:
    parts = parts_by_grade_id(assignment)
    essays = {essay.part for essay in assignment.essays}
    found = {}
    for submission in _submissions(book, assignment):
        marks: dict[str, Mark] = {}
        penalty = Fraction(0)
        for notebook in submission.notebooks:
            penalty += exact(notebook.late_submission_penalty or 0)
            comments = {comment.name: comment.manual_comment or "" for comment in notebook.comments}
            for grade in (grade for grade in notebook.grades if grade.name in parts):
                part = parts[grade.name]
                points = grade.manual_score
                if points is None and part in essays:
                    points = grade.auto_score  # 0 where nothing was written, else none
                marks[part] = Mark(
                    None if points is None else exact(points),
                    exact(grade.extra_credit or 0),
                    comments.get(grade.name, ""),
                    by_person=grade.manual_score is not None,
                )
        found[submission.student.id] = Marks(marks, penalty)
    return found


def _submissions(book: Gradebook, assignment: Assignment) -> list[Any]:
    try:
        return list(book.find_assignment(assignment.id).submissions)
    except MissingEntry:
        return []


def give_marks(course: Course, assignment: Assignment, given: Mapping[tuple[str, str], Mark]) -> None:
    """Write a person's marks, by (student, part), as formgrader would; GraderError for who is not recorded yet."""
    with opened(course) as book:
        for (student, part), mark in given.items():
            name = grade_id(part)
            try:
                grades, comments = _rows(book, assignment, student)
            except MissingEntry as fault:
                book.db.rollback()
                raise GraderError(
                    f"{student} has nothing of {assignment.id} in the gradebook: run grader record {assignment.id} first."
                ) from fault
            grades[name].manual_score = None if mark.points is None else float(mark.points)
            grades[name].needs_manual_grade = mark.points is None
            comments[name].manual_comment = mark.comment or None
        book.db.commit()


def people(course: Course) -> dict[str, dict[str, str]]:
    """first_name, last_name, email and lms_user_id of every student in the gradebook, "" where it does not say."""
    if not path_of(course).exists():
        return {}
    with opened(course) as book:
        names = ("first_name", "last_name", "email", "lms_user_id")
        return {student.id: {name: getattr(student, name) or "" for name in names} for student in book.students}


def lay_cells(book: Gradebook, assignment: Assignment, card: NotebookNode) -> None:
    """Make the gradebook's cells those of the report card: a part that is new gets one, points follow the checks.

    nbgrader itself refuses new cells once somebody has handed in, and a checksum covers a cell's points.
    """
    try:
        notebook = book.find_notebook(assignment.id, assignment.id)
    except MissingEntry:
        book.update_or_create_assignment(assignment.id)
        notebook = book.update_or_create_notebook(assignment.id, assignment.id)
    most = {cell.name: cell.max_score for cell in notebook.grade_cells}
    known = {cell.name for cell in notebook.source_cells}
    for name, cell in _named(card):
        where, named = (name, assignment.id, assignment.id), cell.metadata["nbgrader"]
        if named["grade"] and most.get(name) != named["points"]:
            book.update_or_create_grade_cell(*where, max_score=named["points"], cell_type=cell.cell_type)
            if named["solution"]:
                book.update_or_create_solution_cell(*where)
        elif name in known:
            continue
        told = {"cell_type": cell.cell_type, "source": cell.source, "checksum": named["checksum"]}
        book.update_or_create_source_cell(*where, locked=named["locked"], **told)


def _card(assignment: Assignment, lang: str) -> NotebookNode:
    """The report card as it is released, checksums and all."""
    card = report_card(assignment, part_points(assignment), lang)
    for _, cell in _named(card):
        cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    return card


def _named(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """The cells that nbgrader knows by name."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is not None:
            yield name, cell


def _rows(book: Gradebook, assignment: Assignment, student: str) -> tuple[dict[str, Grade], dict[str, Comment]]:
    """A student's grades and comments by cell; a row is added for each cell that is younger than the submission."""
    notebook = book.find_submission_notebook(assignment.id, assignment.id, student)
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment for comment in notebook.comments}
    source = book.find_notebook(assignment.id, assignment.id)
    for cell in source.grade_cells:
        if cell.id not in grades:
            grades[cell.id] = Grade(cell_id=cell.id, notebook=notebook)
    for cell in source.solution_cells:
        if cell.id not in comments:
            comments[cell.id] = Comment(cell_id=cell.id, notebook=notebook)
    names = {cell.id: cell.name for cell in (*source.grade_cells, *source.solution_cells)}
    return (
        {names[cell]: grade for cell, grade in grades.items() if cell in names},
        {names[cell]: comment for cell, comment in comments.items() if cell in names},
    )


def _by_part(sheet: Json) -> dict[str, list[Json]]:
    parts: dict[str, list[Json]] = {}
    for check in (c for q in sheet["questions"] for c in q["checks"]):
        parts.setdefault(check["part"], []).append(check)
    return parts


class RecordMarks(NbGraderPreprocessor):
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

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        about = resources["nbgrader"]
        course = find_course(Path(self.course) if self.course else None)
        assignment = course.assignment(about["assignment"])
        if about["notebook"] != assignment.id:  # somebody's own notebook beside the report card
            return nb, resources
        sheet, run = self._marksheet(course, assignment, about["student"])
        require_schema(sheet)
        refuse_practice([sheet], [run], allowed=self.practice)
        card = _card(assignment, self.lang)
        _restore(nb, card)
        _answer_essays(nb, assignment, _hand_in(course, assignment, about["student"]) / "essays.md")
        _show(nb, sheet, self.lang)
        with opened(course) as book:
            lay_cells(book, assignment, card)
            _write(book, assignment, sheet, nb)
        return nb, resources

    def _marksheet(self, course: Course, assignment: Assignment, student: str) -> tuple[Json, Json]:
        out = course.root / self.results
        path = out / assignment.id / f"{student}.json"
        hand_in = _hand_in(course, assignment, student)
        if not path.exists() or _older(_read(path), hand_in):
            told = subprocess.run(
                [sys.executable, "-m", "grader", "run", assignment.id, "--submissions", str(hand_in.parent)]
                + ["--out", str(out), "--course", str(course.root), "--lang", self.lang],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if told.returncode not in (0, 1) or not path.exists():  # 1: graded, some checks not judged
                why = (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise GraderError(f"{student} has no marksheet of {assignment.id}, and grader run made none: {why}")
        beside = path.with_name(f"{student}.run.json")
        return _read(path), _read(beside) if beside.exists() else {}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise GraderError(f"{path} is not a marksheet ({fault}); grade again or remove it.") from fault


def _write(book: Gradebook, assignment: Assignment, sheet: Json, nb: NotebookNode) -> None:
    """The machine's marks of one student, over what nbgrader wrote when it made the submission."""
    grades, comments = _rows(book, assignment, sheet["student"])
    for part, checks in _by_part(sheet).items():
        judged = [exact(check["earned"]) for check in checks if check["earned"] is not None]
        _score(grades[grade_id(part)], float(sum(judged)) if judged else None, waits=len(judged) < len(checks))
    for name, cell in essay_cells(nb):
        if name in comments:
            points, _ = determine_grade(cell)  # 0 for an untouched cell, None for one with an answer
            _score(grades[name], points, waits=points is None)
            comments[name].auto_comment = "No response." if points == 0 else None
    book.db.commit()


def _score(grade: Grade, points: float | None, *, waits: bool) -> None:
    grade.auto_score = points
    if grade.manual_score is None:  # what a person has marked stays marked
        grade.needs_manual_grade = waits


def _restore(nb: NotebookNode, card: NotebookNode) -> None:
    """Every cell of the report card once, with its own metadata: what is missing comes back where it stood."""
    there: dict[str, NotebookNode] = {}
    for name, cell in list(_named(nb)):
        if name in there:
            del cell.metadata["nbgrader"]
        there.setdefault(name, cell)
    before = -1
    for name, cell in _named(card):
        if name in there:
            there[name].metadata["nbgrader"] = cell.metadata["nbgrader"]
            before = next(place for place, other in enumerate(nb.cells) if other is there[name])
        else:
            before += 1
            nb.cells.insert(before, cell)


def _answer_essays(nb: NotebookNode, assignment: Assignment, page: Path) -> None:
    """Put what essays.md answers into the cells that nobody wrote in."""
    if not page.is_file():
        return
    answers = essay_answers(page.read_text(encoding="utf-8", errors="replace"), assignment)
    by_name = {grade_id(part): answer for part, answer in answers.items()}
    for name, cell in essay_cells(nb):
        if cell["source"].strip() in ("", UNANSWERED) and name in by_name:
            cell["source"] = by_name[name]


def _show(nb: NotebookNode, sheet: Json, lang: str) -> None:
    """What the checks of each part found, as the one output of the part's cell."""
    by_name = {grade_id(part): checks for part, checks in _by_part(sheet).items()}
    for cell in nb.cells:
        named = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code":
            cell.outputs = []
        if cell.cell_type == "code" and named.get("grade") and named.get("grade_id") in by_name:
            html, plain = part_feedback(by_name[named["grade_id"]], lang)
            cell.outputs = [v4.new_output("display_data", {"text/html": html, "text/plain": plain})]


def _hand_in(course: Course, assignment: Assignment, student: str) -> Path:
    return course.root / "nbgrader" / "submitted" / student / assignment.id


def _older(sheet: Json, hand_in: Path) -> bool:
    """Was the marksheet made from an earlier hand-in than the one that lies there?"""
    stamp = hand_in / "timestamp.txt"
    if not stamp.is_file():
        return False
    graded: datetime | None = parse_utc(sheet.get("submitted_at") or None)
    return bool(graded != parse_utc(stamp.read_text(encoding="utf-8").strip()))


def _why_not(course: Course, assignment: Assignment, sheet: Json) -> str:
    hand_in = _hand_in(course, assignment, sheet["student"])
    if not (hand_in / f"{assignment.id}.ipynb").is_file():
        return f"no hand-in with a report card in {hand_in}; run grader collect {assignment.id}"
    if _older(sheet, hand_in):
        return f"handed in again after being graded; run grader run {assignment.id}"
    return ""


def _config(course: Course, out: Path, practice: bool, lang: str) -> Config:
    """The course's nbgrader_config.py, or ours where it has none, and what this run asks for."""
    root = course.root / "nbgrader"
    config = Config()
    if (root / "nbgrader_config.py").is_file():
        config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    else:
        configure(config)
    config.CourseDirectory.root = str(root)
    config.RecordMarks.course = str(course.root)
    config.RecordMarks.results = str(out.resolve())
    config.RecordMarks.practice = practice
    config.RecordMarks.lang = lang
    return config


def _autograde(config: Config, assignment: Assignment, student: str) -> str:
    """Let nbgrader convert one student's hand-in; what went wrong, "" if nothing did."""
    log, told = logging.Logger("nbgrader", logging.ERROR), list[str]()
    handler = logging.Handler()
    handler.emit = lambda line: told.append(line.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    directory = CourseDirectory(config=config, log=log, assignment_id=assignment.id, student_id=student)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)  # of nbgrader's own making
            Autograde(coursedir=directory, config=config, log=log, force=True).start()
    except NbGraderException:
        faults = [line for text in told for line in text.strip().splitlines()[-1:] if text.startswith("Traceback")]
        return (faults or told or ["nbgrader did not say why"])[0].removeprefix("grader.errors.GraderError: ")
    return ""
