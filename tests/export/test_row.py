"""One student as exports see them, and the tables that they are written in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.errors import GraderError
from grader.export import canvas, moodle
from grader.export.row import Row, rows_of, without_number
from grader.marks import Marks
from grader.roster import Student
from tests.pages.sample import a_run, a_sheet, marksheets


@pytest.mark.parametrize(
    ("person", "number", "name"),
    [
        (Student("s1", "Ada", "Lovelace", lms_user_id="4711"), "4711", "Ada Lovelace"),
        (Student("12345"), "", "12345"),
        (Student("s1", lms_user_id="x"), "", "s1"),
        (Student("۱۲", "Ada"), "", "Ada"),
    ],
)
def test_the_platform_s_number(person: Student, number: str, name: str) -> None:
    """What the roster says and nothing else: an id of figures may be anybody's number there."""
    (row,) = rows_of(marksheets([a_sheet(person.id)], [a_run(person.id)]), {}, {person.id: person})

    assert (row.number, row.name) == (number, name)


def test_ids_are_numbers_where_that_is_said() -> None:
    """So hand-ins of a platform's download are named; what the roster says comes first."""
    people = {"s1": Student("s1", lms_user_id="4711")}
    students = ("12345", "s1", "s2")

    rows = rows_of(marksheets(map(a_sheet, students)), {}, people, ids_are_numbers=True)

    assert [row.number for row in rows] == ["12345", "4711", ""]
    assert without_number(rows) == ["s2"]


@pytest.mark.parametrize("files", [lambda rows: moodle.files(rows, {}), lambda rows: canvas.files(rows, "x")])
def test_no_two_students_have_one_number(files: Callable[[list[Row]], object]) -> None:
    """The platform would give one's mark to the other."""
    people = {"s1": Student("s1", lms_user_id="4711")}
    rows = rows_of(marksheets([a_sheet("4711"), a_sheet("s1")]), {}, people, ids_are_numbers=True)

    with pytest.raises(GraderError, match="4711 and s1 both have the platform's number 4711"):
        files(rows)


def test_rows_stand_in_the_order_of_ids() -> None:
    """Sheets and runs stay together; who is in no list has an id at least."""
    rows = rows_of(
        marksheets([a_sheet("b"), a_sheet("a")], [{"student": "b", "seconds": 2}, {"student": "a", "seconds": 1}]),
        {"a": Marks()},
        {},
    )

    assert [(row.who.id, row.run["seconds"]) for row in rows] == [("a", 1), ("b", 2)]
