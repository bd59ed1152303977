"""One student as every export sees them: who they are, and what machine and person gave them together."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from grader.marks import NO_MARKS, Json, Marks, Standing, standing
from grader.pages.text import cell, number


@dataclass(frozen=True)
class Row:
    """One student. Names, email and the platform's own number (`lms_id`) are "" where nobody said them."""

    student: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    sheet: Json
    run: Json
    marks: Marks
    standing: Standing

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.student

    @property
    def score(self) -> str:
        return number(float(self.standing.score))

    @property
    def most(self) -> str:
        return number(float(self.standing.most))


def rows_of(
    sheets: Sequence[Json], runs: Sequence[Json], marks: Mapping[str, Marks], people: Mapping[str, Mapping[str, str]]
) -> list[Row]:
    """Marksheets with a person's marks and nbgrader's list of students, by student.

    A student without an `lms_user_id` whose id is a number is known to the platform by it: so `grader collect` names
    the hand-ins of a platform's download.
    """
    rows = []
    for sheet, run in sorted(zip(sheets, runs, strict=True), key=lambda pair: str(pair[0]["student"])):
        student = sheet["student"]
        person, mark = people.get(student, {}), marks.get(student, NO_MARKS)
        own = student if student.isascii() and student.isdigit() else ""
        first, last, email = (person.get(key, "") for key in ("first_name", "last_name", "email"))
        number_there = person.get("lms_user_id") or own
        rows.append(Row(student, first, last, email, number_there, sheet, run, mark, standing(sheet, mark)))
    return rows


def table(lines: Sequence[Sequence[str]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8); a cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([cell(text) for text in line] for line in lines)
    return out.getvalue().encode()
