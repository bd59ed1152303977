"""The class as its roster tells it: a CSV with nbgrader's columns, one student a row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.names import safe_id, shown, twin_key
from grader.spreadsheet import read_table, spoilt_id


@dataclass(frozen=True)
class Student:
    """One row; what the roster does not say is "". `lms_user_id` is the learning platform's own number."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


def read_roster(path: Path, known: Collection[str] = ()) -> tuple[Student, ...]:
    """The students in the file's order; of the columns `id` is asked, others than nbgrader's are ignored.

    `known` are ids that are in use: one of them without its zeros is refused. Raises GraderError with file and line for
    such an id, for one that cannot name a file or that looks like an earlier one's, and for a platform's number that
    two students have: a download would give one's work to the other.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise GraderError(f"The roster {path} cannot be read: {fault.strerror}.") from fault
    table = read_table(f"The roster {path}", content, tuple(Student.__dataclass_fields__))
    if "id" not in table.columns:
        there = shown(", ".join(table.columns)) or "none"
        _, *others = Student.__dataclass_fields__
        raise GraderError(
            f"The roster {path} has no column `id`: its first line has {there}; "
            f"name that of the ids `id`; {', '.join(others)} are read where they are there."
        )
    if not table.rows:
        raise GraderError(f"The roster {path} has no student below its first line; one a line is asked.")
    students: dict[str, Student] = {}
    by_number: dict[str, str] = {}
    for line, row in table.rows:
        told = {name: row.get(name, "").strip() for name in Student.__dataclass_fields__}
        place = f"{path}:{line}"
        if not safe_id(told["id"]):
            raise GraderError(f"{place}: {shown(told['id'])!r} cannot be a student's id; files are named after it.")
        if spoilt := spoilt_id(told["id"], known):
            raise GraderError(f"{place}: {spoilt}")
        if other := students.get(twin_key(told["id"])):
            if other.id == told["id"]:
                raise GraderError(f"{place}: {shown(other.id)} is in the roster twice; keep one line.")
            raise GraderError(f"{place}: {shown(told['id'])} and {shown(other.id)} cannot be told apart.")
        number = told["lms_user_id"]
        if number and (owner := by_number.setdefault(number, told["id"])) != told["id"]:
            raise GraderError(f"{place}: {shown(told['id'])} and {shown(owner)} have one lms_user_id, {shown(number)}.")
        students[twin_key(told["id"])] = Student(**told)
    return tuple(students.values())
