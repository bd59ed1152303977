"""A table of everything that counts, for whatever has no format of its own."""

from __future__ import annotations

from collections.abc import Sequence

from grader.export.row import Row
from grader.marks import Standing
from grader.pages.table import csv_table
from grader.pages.text import number


def files(rows: Sequence[Row]) -> dict[str, bytes]:
    """grades.csv: who, the final score and what it is of, its pieces, what waits for a person, and points by part.

    `machine` is the marksheet's score. `score` has a person's marks in place of the machine's, extra credit, and the
    penalty for lateness taken off. A part's cell is empty where nobody has decided anything yet.
    """
    parts = list(dict.fromkeys(part for row in rows for part in row.standing.parts))
    head = ["student", "first_name", "last_name", "email", "score", "max_score", "machine", "late_penalty", "waiting"]
    lines = [[*head, *parts]]
    for row in rows:
        who = [row.who.id, row.who.first_name, row.who.last_name, row.who.email]
        pieces = [number(row.sheet["score"]), number(row.marks.penalty), " ".join(row.standing.waiting)]
        lines.append([*who, row.score, row.most, *pieces, *(_earned(row.standing, part) for part in parts)])
    return {"grades.csv": csv_table(lines).encode()}


def _earned(standing: Standing, part: str) -> str:
    """What a part has earned; empty where it has not, but may yet: a zero would say that somebody gave it."""
    earned = standing.parts.get(part)
    return "" if earned is None or (not earned and part in standing.waiting) else number(earned)
