"""The class as its roster tells it: a CSV with nbgrader's columns, one student a row."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.names import safe_id, shown, twin_key


@dataclass(frozen=True)
class Student:
    """One row; what the roster does not say is "". `lms_user_id` is the learning platform's own number."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students in the file's order; of the columns `id` is asked, others than nbgrader's are ignored.

    Raises GraderError with file and line for an id that cannot name a file or that looks like an earlier one's, and for
    a platform's number that two students have: a download would give one's work to the other.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)  # strict: a quote that nobody closes would swallow who follows
            rows = [(table.line_num, row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise GraderError(f"The roster {path} cannot be read ({fault}); a CSV in UTF-8 is asked.") from fault
    if "id" not in (table.fieldnames or []):
        raise GraderError(f"The roster {path} has no column `id`; nbgrader's are id,first_name,last_name,email.")
    students: dict[str, Student] = {}
    by_number: dict[str, str] = {}
    for line, row in rows:
        told = {name: (row.get(name) or "").strip() for name in Student.__dataclass_fields__}
        place = f"{path}:{line}"
        if not safe_id(told["id"]):
            raise GraderError(f"{place}: {shown(told['id'])!r} cannot be a student's id; files are named after it.")
        if other := students.get(twin_key(told["id"])):
            if other.id == told["id"]:
                raise GraderError(f"{place}: {shown(other.id)} is in the roster twice; keep one line.")
            raise GraderError(f"{place}: {shown(told['id'])} and {shown(other.id)} cannot be told apart.")
        number = told["lms_user_id"]
        if number and (owner := by_number.setdefault(number, told["id"])) != told["id"]:
            raise GraderError(f"{place}: {shown(told['id'])} and {shown(owner)} have one lms_user_id, {shown(number)}.")
        students[twin_key(told["id"])] = Student(**told)
    return tuple(students.values())
