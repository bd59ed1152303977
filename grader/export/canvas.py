"""Canvas: a CSV file for the gradebook's Import.

Docs: https://community.canvaslms.com/ (*How do I import grades in the Gradebook?*): the student columns as Canvas
exports them, then one column an assignment, and a row with the points possible.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.export.row import Row, require_own_numbers
from grader.pages.table import csv_table

COLUMNS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def files(rows: Sequence[Row], column: str) -> dict[str, bytes]:
    """grades.csv; `column` is the assignment's heading as Canvas exports it, `Homework 1 (4711)`.

    Canvas finds a student by ID, its own number; who has none there is looked for by SIS User ID, the id that the
    roster has, and by SIS Login ID. Raises GraderError where two have one number.
    """
    require_own_numbers(rows)
    most = max((row.standing.most, row.most) for row in rows)[1]
    lines = [[*COLUMNS, column], ["    Points Possible", "", "", "", "", most]]
    for row in rows:
        sis = "" if row.who.id == row.number else row.who.id
        name = ", ".join(filter(None, (row.who.last_name, row.who.first_name))) or row.who.id
        lines.append([name, row.number, sis, row.who.email, "", row.score])
    return {"grades.csv": csv_table(lines).encode()}
