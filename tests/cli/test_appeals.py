"""`grader report --student`: what an instructor reads out when somebody asks why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.cli.appeals import appeal
from grader.score import SCHEMA
from grader.store import as_bytes
from tests.classroom import Classroom
from tests.commandline import typed


def check(name: str, outcome: str, earned: float | None, message: str = "") -> dict[str, Any]:
    facts = {"id": name, "part": "q2.dF", "points": 2.0, "earned": earned, "bonus": False, "outcome": outcome}
    return {**facts, "says": {"en": f"What {name} asks."}, "message": {"en": message}}


def test_what_was_asked_given_and_expected_stands_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is to be said of the hand-in, then each check that did not give all: no essay, nothing that is right.

    A terminal does what we print.
    """
    checks = [
        check("test_right", "passed", 2.0),
        check("test_sum", "partial", 1.0, "Divide \x1b[31mit."),
        check("test_open", "unwritten", 0.0, "Not written yet."),
        check("test_formula", "manual", None, "A person looks at it."),
        check("q2.essay", "manual", None),
    ]
    question = {"id": "q2_x", "title": {"en": "X"}, "score": 3.0, "max_score": 8.0, "checks": checks}
    totals = {"score": 3.0, "max_score": 8.0, "bonus_points": 0.0, "manual_points": 2.0, "manual_bonus": 0.0}
    sheet = {"schema": SCHEMA, "assignment": "hw2", "student": "s1", **totals, "questions": [question], "manifest": {}}
    found = {"test_sum": "expected 2.5\ngot 5\x1b[2J", "test_formula": "undecided", "test_open": "Unwritten"}

    (tmp_path / "s1.json").write_bytes(as_bytes(sheet))
    details = {f"q2_x::{name}": {"detail": detail} for name, detail in found.items()}
    notes = [{"en": "old\x1b[2J.zip was not opened.", "fa": ""}]
    (tmp_path / "s1.run.json").write_bytes(as_bytes({"checks": details, "notes": notes}))
    appeal("s1", tmp_path)

    assert capsys.readouterr().out.splitlines() == [
        "s1: 3 of 8 by the machine",
        r"  old\x1b[2J.zip was not opened.",
        "  partly right     2 dF        q2.dF      1 of 2  test_sum",
        "      Asked: What test_sum asks.",
        r"      Divide \x1b[31mit.",
        "      | expected 2.5",
        r"      | got 5\x1b[2J",
        "  not written yet  2 dF        q2.dF      0 of 2  test_open",
        "  waits for a person 2 dF        q2.dF      - of 2  test_formula",
        "      Asked: What test_formula asks.",
        "      A person looks at it.",
        "      | undecided",
    ]


def test_one_student_s_marksheet_is_looked_up(room: Classroom) -> None:
    """Nothing is written; an id that nobody has is one sentence."""
    report = room.out / "hw1" / "report.html"
    before = report.stat().st_mtime_ns

    bob, nobody = (typed("report", "hw1", "--student", student, folder=room.root) for student in ("bob", "eve"))

    assert bob.stdout.startswith("bob: ")
    assert (nobody.exit_code, nobody.stderr) == (
        2,
        "grader: There is no marksheet of eve in results/hw1: type the id as results.csv has it.\n",
    )
    assert report.stat().st_mtime_ns == before


@pytest.mark.parametrize("student", ["", " "])
def test_an_empty_id_is_not_the_whole_class(room: Classroom, student: str) -> None:
    """A script whose variable is unset asks for one student: it is told so, and the report stays as it was."""
    report = room.out / "hw1" / "report.html"
    before = report.stat().st_mtime_ns

    told = typed("report", "hw1", "--student", student, folder=room.root)

    assert (told.exit_code, told.stderr) == (
        2,
        "grader: --student is empty: type one student's id as results.csv has it.\n",
    )
    assert report.stat().st_mtime_ns == before


def test_where_nothing_was_graded_no_id_is_blamed(room: Classroom, tmp_path: Path) -> None:
    """In another folder than the course's no results lie: that is said, as for the whole class."""
    told = typed("report", "hw1", "--student", "bob", "--course", str(room.root), folder=tmp_path)

    assert (told.exit_code, told.stderr) == (
        2,
        "grader: There are no marksheets in results/hw1; run `grader run hw1` first, or pass its --out.\n",
    )
