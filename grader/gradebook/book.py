"""nbgrader's gradebook as the course sees it: the report card's cells, and a person's marks, read and written.

The card's notebook is named as its assignment. Machine's marks come in by recording.py.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.utils import compute_checksum
from sqlalchemy.exc import DatabaseError

from grader.authoring.part_points import part_points
from grader.course import Assignment, Course
from grader.errors import GraderError
from grader.exchange import gradebook_path
from grader.marks import Mark, Marks, exact
from grader.report_card import grade_id, parts_by_grade_id, report_card
from grader.roster import Student
from grader.spreadsheet import spoilt_id

if TYPE_CHECKING:
    from nbformat import NotebookNode

TICKED = re.compile(r"Ticked in the rubric: (\d+(?:, \d+)*)\. ")  # kept in nbgrader's auto_comment, else unused


@contextmanager
def opened(course: Course) -> Iterator[Gradebook]:
    """The course's gradebook, made where there is none yet; what is open is closed again."""
    path = gradebook_path(course)
    made = not path.exists()
    path.parent.mkdir(exist_ok=True)
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"  # nbgrader calls this one's alembic
    try:
        book = Gradebook(f"sqlite:///{path}", course.id)
    except Exception as fault:
        if made:
            with suppress(OSError):  # on a disk that cannot be written nothing was made
                path.unlink(missing_ok=True)  # half made, it would be taken for a whole one next time
        raise _refused(path, fault) from fault
    finally:
        os.environ["PATH"] = before
    with book:
        try:
            yield book
        except DatabaseError as fault:  # damaged further in
            raise _refused(path, fault) from fault


def _refused(path: Path, fault: Exception) -> GraderError:
    """SQLAlchemy's first line says what is wrong; the statement and a link come after it."""
    why = (str(fault).splitlines() or [type(fault).__name__])[0]
    return GraderError(f"{path} cannot be opened as nbgrader's gradebook ({why}); see nbgrader db --help.")


def marks_of(course: Course, assignment: Assignment) -> dict[str, Marks]:
    """A person's marks of an assignment by student; empty where there is no gradebook or nothing in it yet."""
    if not gradebook_path(course).exists():
        return {}
    with opened(course) as book:
        return marks_in(book, assignment)


def marks_in(book: Gradebook, assignment: Assignment) -> dict[str, Marks]:
    """The same from a gradebook that is open."""
    parts = parts_by_grade_id(assignment)
    essays = {essay.part for essay in assignment.essays}
    found = {}
    for submission in _submissions(book, assignment):
        marks: dict[str, Mark] = {}
        penalty = Fraction(0)
        for notebook in submission.notebooks:
            penalty += exact(notebook.late_submission_penalty or 0)
            comments = {comment.name: comment for comment in notebook.comments}
            for grade in (grade for grade in notebook.grades if grade.name in parts):
                part = parts[grade.name]
                points = grade.manual_score
                if points is None and part in essays:
                    points = grade.auto_score  # 0 where nothing was written, else none
                comment = comments.get(grade.name)
                marks[part] = Mark(
                    None if points is None else exact(points),
                    exact(grade.extra_credit or 0),
                    (comment and comment.manual_comment) or "",
                    by_person=grade.manual_score is not None,
                    lines=_ticked((comment and comment.auto_comment) or "", grade.manual_score),
                )
        found[submission.student.id] = Marks(marks, penalty)
    return found


def _lines_told(lines: tuple[int, ...], points: float | None) -> str | None:
    return f"Ticked in the rubric: {', '.join(map(str, lines))}. Points: {points}." if lines else None


def _ticked(comment: str, points: float | None) -> tuple[int, ...]:
    """The rubric's lines that a comment tells; none where formgrader has given other points since."""
    found = TICKED.match(comment)
    lines = tuple(int(line) for line in found[1].split(", ")) if found else ()
    return lines if comment == _lines_told(lines, points) else ()


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
                grades, comments = rows_of(book, assignment, student)
            except MissingEntry as fault:
                book.db.rollback()
                if spoilt := spoilt_id(student, [there.id for there in book.students]):
                    raise GraderError(spoilt) from fault
                why = f"{student} has nothing of {assignment.id} in the gradebook"
                raise GraderError(f"{why}: run grader record {assignment.id} first.") from fault
            grades[name].manual_score = None if mark.points is None else float(mark.points)
            grades[name].needs_manual_grade = mark.points is None
            comments[name].manual_comment = mark.comment or None
            comments[name].auto_comment = _lines_told(mark.lines, grades[name].manual_score)
        book.db.commit()


def people(course: Course) -> dict[str, Student]:
    """The students in the gradebook, by id."""
    if not gradebook_path(course).exists():
        return {}
    with opened(course) as book:
        names = ("id", "first_name", "last_name", "email", "lms_user_id")
        return {there.id: Student(*(getattr(there, name) or "" for name in names)) for there in book.students}


def lay_cells(book: Gradebook, assignment: Assignment, card: NotebookNode) -> None:
    """Make the gradebook's cells those of the report card: a part that is new gets one, points follow the checks.

    A cell whose part is gone stays, worth nothing. nbgrader itself refuses new cells once somebody has handed in, and a
    checksum covers a cell's points.
    """
    try:
        notebook = book.find_notebook(assignment.id, assignment.id)
    except MissingEntry:
        book.update_or_create_assignment(assignment.id)
        notebook = book.update_or_create_notebook(assignment.id, assignment.id)
    most = {cell.name: cell.max_score for cell in notebook.grade_cells}
    known = {cell.name for cell in notebook.source_cells}
    parts = {name for name, _ in named(card)}
    for gone in [name for name, points in most.items() if points and name not in parts]:
        book.update_or_create_grade_cell(gone, assignment.id, assignment.id, max_score=0.0)
    for name, cell in named(card):
        where, about = (name, assignment.id, assignment.id), cell.metadata["nbgrader"]
        if about["grade"] and most.get(name) != about["points"]:
            book.update_or_create_grade_cell(*where, max_score=about["points"], cell_type=cell.cell_type)
            if about["solution"]:
                book.update_or_create_solution_cell(*where)
        elif name in known:
            continue
        told = {"cell_type": cell.cell_type, "source": cell.source, "checksum": about["checksum"]}
        book.update_or_create_source_cell(*where, locked=about["locked"], **told)


def card_of(assignment: Assignment, lang: str) -> NotebookNode:
    """The report card as it is released, checksums and all."""
    card = report_card(assignment, part_points(assignment), lang)
    for _, cell in named(card):
        cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    return card


def named(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """The cells that nbgrader knows by name."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is not None:
            yield name, cell


def rows_of(book: Gradebook, assignment: Assignment, student: str) -> tuple[dict[str, Grade], dict[str, Comment]]:
    """A student's grades and comments by cell; a row is added for each cell that is younger than the submission."""
    notebook = book.find_submission_notebook(assignment.id, assignment.id, student)
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment for comment in notebook.comments}
    source = book.find_notebook(assignment.id, assignment.id)
    for kind, rows, cells in ((Grade, grades, source.grade_cells), (Comment, comments, source.solution_cells)):
        for cell in (cell for cell in cells if cell.id not in rows):
            rows[cell.id] = kind(cell_id=cell.id, notebook_id=notebook.id)
            book.db.add(rows[cell.id])
    names = {cell.id: cell.name for cell in (*source.grade_cells, *source.solution_cells)}
    return (
        {names[cell]: grade for cell, grade in grades.items() if cell in names},
        {names[cell]: comment for cell, comment in comments.items() if cell in names},
    )
