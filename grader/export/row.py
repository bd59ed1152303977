"""One student as every export sees them: who they are, and what machine and person gave them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.errors import GraderError
from grader.marks import NO_MARKS, Json, Marks, Standing, standing
from grader.pages.text import number
from grader.records import Marksheet
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
        """The number by which the platform knows them, "" where nobody said it: an id that looks like one is none."""
        known = self.who.lms_user_id
        return known if known.isascii() and known.isdigit() else ""

    @property
    def score(self) -> str:
        return number(self.standing.score)

    @property
    def most(self) -> str:
        return number(self.standing.most)


def rows_of(
    graded: Sequence[Marksheet],
    marks: Mapping[str, Marks],
    people: Mapping[str, Student],
    *,
    ids_are_numbers: bool = False,
) -> list[Row]:
    """Marksheets joined with a person's marks and the class's list, in the order of ids.

    `ids_are_numbers`: who has no number of the platform's there has it as an id, from its download.
    """
    rows = []
    for one in sorted(graded, key=lambda one: one.student):
        given = marks.get(one.student, NO_MARKS)
        who = people.get(one.student, Student(one.student))
        if ids_are_numbers and not who.lms_user_id:
            who = replace(who, lms_user_id=one.student)
        rows.append(Row(who, one.sheet, one.run, given, standing(one.sheet, given)))
    return rows


def without_number(rows: Sequence[Row]) -> list[str]:
    """The ids of those whom the platform knows by no number."""
    return [row.who.id for row in rows if not row.number]


def require_own_numbers(rows: Sequence[Row]) -> None:
    """Raise GraderError where two students have one number: the platform would give one's mark to the other."""
    owners: dict[str, str] = {}
    for row in rows:
        if row.number and (owner := owners.setdefault(row.number, row.who.id)) != row.who.id:
            both = f"{owner} and {row.who.id} both have the platform's number {row.number}"
            raise GraderError(f"{both}: correct lms_user_id in the list of students.")
