"""Canvas's gradebook file, read back as its importer reads it."""

from __future__ import annotations

import csv
import io
from typing import Any

from grader.export import canvas
from grader.export.row import rows_of
from grader.roster import Student
from tests.pages.sample import a_sheet, marksheets

PEOPLE = {"s1": Student("s1", "Ada", "Lovelace", "ada@example.org", "4711"), "s2": Student("s2", "Bob", "Ross")}


def imported(content: bytes) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """(points possible by assignment, students), by the importer's rules.

    The heading begins with Student and ID; SIS User ID and SIS Login ID may follow; the last column about the student
    is Section, and each one behind it an assignment. A row whose first cell has "Points Possible" is about assignments.
    """
    head, *rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    possible: dict[str, str] = {}
    students = []
    for row in rows:
        grades = dict(zip(head[5:], row[5:], strict=True))
        if "Points Possible" in row[0]:
            possible = grades
        else:
            students.append({"name": row[0], "id": row[1], "sis": row[2], "login": row[3], "grades": grades})
    return possible, students


def test_every_student_can_be_found_and_has_the_final_score() -> None:
    """By Canvas's own number where it is known, else by the roster's id."""
    rows = rows_of(marksheets(map(a_sheet, PEOPLE)), {}, PEOPLE)

    possible, students = imported(canvas.files(rows, "Homework 5 (99)")["grades.csv"])

    assert possible == {"Homework 5 (99)": rows[0].most}
    assert students == [
        {"name": "Lovelace, Ada", "id": "4711", "sis": "s1", "login": "ada@example.org",
         "grades": {"Homework 5 (99)": rows[0].score}},
        {"name": "Ross, Bob", "id": "", "sis": "s2", "login": "", "grades": {"Homework 5 (99)": rows[1].score}},
    ]  # fmt: skip


def test_an_id_of_figures_is_no_number_of_canvas_s() -> None:
    """It would be somebody else's; where the hand-ins are named by Canvas's download, the instructor says so."""
    for ids_are_numbers, number, sis in ((False, "", "777"), (True, "777", "")):
        rows = rows_of(marksheets([a_sheet("777")]), {}, {}, ids_are_numbers=ids_are_numbers)

        _, (student,) = imported(canvas.files(rows, "x")["grades.csv"])

        assert (student["name"], student["id"], student["sis"]) == ("777", number, sis)
