"""One student as exports see them, and the tables that they are written in."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from grader.export.row import rows_of, table
from grader.marks import Marks
from grader.roster import Student
from tests.pages.sample import a_run, a_sheet


@pytest.mark.parametrize(
    ("person", "number", "name"),
    [
        (Student("s1", "Ada", "Lovelace", lms_user_id="4711"), "4711", "Ada Lovelace"),
        (Student("12345"), "12345", "12345"),
        (Student("s1", lms_user_id="x"), "", "s1"),
        (Student("۱۲", "Ada"), "", "Ada"),
    ],
)
def test_the_platform_s_number(person: Student, number: str, name: str) -> None:
    """What the roster says, else an id that is one itself: so hand-ins of a platform's download are named."""
    (row,) = rows_of([a_sheet(person.id)], [a_run(person.id)], {}, {person.id: person})

    assert (row.number, row.name) == (number, name)


def test_rows_stand_in_the_order_of_ids() -> None:
    """Sheets and runs stay together; who is in no list has an id at least."""
    rows = rows_of([a_sheet("b"), a_sheet("a")], [{"seconds": 2}, {"seconds": 1}], {"a": Marks()}, {})

    assert [(row.who.id, row.run["seconds"]) for row in rows] == [("a", 1), ("b", 2)]


def test_no_text_is_a_formula() -> None:
    """A spreadsheet runs what begins with =, +, - or @; a lone dash is none."""
    ((formula, dash, quoted),) = csv.reader(StringIO(table([["=1+1", "-", 'a "b", c']]).decode()))

    assert (formula, dash, quoted) == ("'=1+1", "-", 'a "b", c')
