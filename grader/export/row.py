"""One student as every export sees them: who they are, and what machine and person gave them together."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from grader.marks import NO_MARKS, Json, Marks, Standing, standing
from grader.pages.text import number, spreadsheet_cell
from grader.roster import Student


@dataclass(frozen=True)
class Row:
    """One student. A name, an email or the platform's own number (`lms_user_id`) is "" where nobody said it."""

    who: Student
    sheet: Json
    run: Json
    marks: Marks
    standing: Standing

    @property
    def name(self) -> str:
        return f"{self.who.first_name} {self.who.last_name}".strip() or self.who.id

    @property
    def number(self) -> str:
        """The number by which the platform knows them: `grader collect` names hand-ins of its download so."""
        known = self.who.lms_user_id or self.who.id
        return known if known.isascii() and known.isdigit() else ""

    @property
    def score(self) -> str:
        return number(self.standing.score)

    @property
    def most(self) -> str:
        return number(self.standing.most)


def rows_of(
    sheets: Sequence[Json], runs: Sequence[Json], marks: Mapping[str, Marks], people: Mapping[str, Student]
) -> list[Row]:
    """Marksheets and run files joined with a person's marks and the class's list, in the order of ids."""
    rows = []
    for sheet, run in sorted(zip(sheets, runs, strict=True), key=lambda pair: str(pair[0]["student"])):
        student = sheet["student"]
        given = marks.get(student, NO_MARKS)
        rows.append(Row(people.get(student, Student(student)), sheet, run, given, standing(sheet, given)))
    return rows


def table(lines: Sequence[Sequence[str]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8); a cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(
        [text if text == "-" else spreadsheet_cell(text) for text in line] for line in lines
    )
    return out.getvalue().encode()
