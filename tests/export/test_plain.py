"""The table of everything that counts."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from grader.export import plain
from grader.export.row import rows_of
from grader.marks import Mark, Marks
from grader.roster import Student
from tests.pages.sample import a_check, a_sheet, marksheets


def test_the_pieces_add_up_to_the_score() -> None:
    """Parts less the penalty are the score; what the machine alone gave stands beside it."""
    sheet = a_sheet("s1", {"q1_learning_rates": [a_check("t", "q1a", 2.0), a_check("e", "q1a.essay", 2.0, "manual")]})
    given = Marks({"q1a.essay": Mark(Fraction(3, 2)), "q1a": Mark(Fraction(1), Fraction(1, 4))}, Fraction(1, 2))
    people = {"s1": Student("s1", "Ada", "Lovelace", "a@example.org")}

    content = plain.files(rows_of(marksheets([sheet]), {"s1": given}, people))["grades.csv"]

    assert list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))) == [
        {
            "student": "s1",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "a@example.org",
            "score": "2.25",
            "max_score": "7",
            "machine": "2",
            "late_penalty": "0.5",
            "waiting": "",
            "q1a": "1.25",
            "q1a.essay": "1.5",
        }
    ]


def test_what_waits_is_said() -> None:
    """A score that is not final says so; a part that a student does not have is empty."""
    waiting = a_sheet("s1", {"q1_learning_rates": [a_check("e", "q1a.essay", 2.0, "manual")]})
    other = a_sheet("s2", {"q1_learning_rates": [a_check("t", "q1a", 2.0)]})

    content = plain.files(rows_of(marksheets([waiting, other]), {}, {}))["grades.csv"]

    table = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    assert [(row["waiting"], row["q1a"], row["q1a.essay"]) for row in table] == [("q1a.essay", "", ""), ("", "2", "")]


def test_a_zero_is_somebody_s_decision() -> None:
    """A part that waits has no number until something of it is earned; a zero that was given is one."""
    ungraded, failed = a_check("t", "q1a", 2.0, "ungraded"), a_check("u", "q1b", 2.0, "failed", 0.0)
    half = [a_check("v", "q1c", 2.0), a_check("w", "q1c", 2.0, "ungraded")]
    essay = a_check("e", "q1d.essay", 2.0, "manual")
    sheet = a_sheet("s1", {"q1_learning_rates": [ungraded, failed, *half, essay]})
    unread = Marks({"q1d.essay": Mark(Fraction(0))})

    content = plain.files(rows_of(marksheets([sheet]), {"s1": unread}, {}))["grades.csv"]

    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    assert [row[part] for part in ("q1a", "q1b", "q1c", "q1d.essay")] == ["", "0", "2", "0"]
