"""Who changed between two marksheets, and why."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from grader.changes import Change, changes_between, changes_csv, read_changes
from grader.errors import GraderError


def sheet(outcome: str, earned: float | None, points: float = 2.0, **manifest: Any) -> dict[str, Any]:
    check = {"id": "test_it", "part": "q1a", "outcome": outcome, "earned": earned, "points": points}
    other = {"id": "test_other", "part": "q1b", "outcome": "passed", "earned": 1.0, "points": 1.0}
    return {"student": "s1", "questions": [{"id": "q1", "checks": [check, other]}], "manifest": manifest}


KEY = "q1::test_it"
SAME = {KEY: ["f", "r", "s"], "q1::test_other": ["f", "r", "s"]}


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (["g", "r", "s"], "the hand-in"),
        (["f", "q", "s"], "the check"),
        (["f", "r", "t"], "the setting"),
        (["g", "q", "s"], "the hand-in, the check"),
        (["f", "r", "s"], "graded again"),
    ],
)
def test_the_reason_is_what_the_finding_rested_on(before: list[str], why: str) -> None:
    """The digests that differ say it; where none does, it had not been judged before."""
    found = changes_between(sheet("failed", 0.0), sheet("passed", 2.0), {**SAME, KEY: before}, SAME)

    assert found == [Change("s1", "q1", "q1a", "test_it", "failed", "passed", 0.0, 2.0, why)]


@pytest.mark.parametrize(
    ("before", "files", "why"),
    [
        ({"variant": 0, "draw_key": "a", "term": "1"}, "f", "the variant"),
        ({"variant": 1, "draw_key": "b", "term": "1"}, "f", "the draws"),
        ({"variant": 1, "draw_key": "a", "term": "2"}, "f", "the draws"),
        ({"variant": 0, "draw_key": "a", "term": "1"}, "g", "the hand-in, the variant"),
        ({"draw_key": "a"}, "f", "graded again"),
    ],
)
def test_numbers_of_one_s_own_are_a_reason_too(before: dict[str, Any], files: str, why: str) -> None:
    """The manifests say whose they were; one that is older and lacks the field gives no reason."""
    now = sheet("passed", 2.0, variant=1, draw_key="a", term="1")

    (change,) = changes_between(sheet("failed", 0.0, **before), now, {**SAME, KEY: [files, "r", "s"]}, SAME)

    assert change.why == why


def test_what_stays_is_no_change() -> None:
    """The same outcome and points, whatever they rest on; and a first marksheet changes nobody."""
    assert changes_between(sheet("failed", 0.0), sheet("failed", 0.0), SAME, {**SAME, KEY: ["g", "r", "s"]}) == []
    assert changes_between(None, sheet("passed", 2.0), {}, SAME) == []


def test_checks_that_come_and_go_are_changes() -> None:
    """A check that was added, one that was removed, and one that is worth something else now."""
    whole, less = sheet("passed", 2.0), sheet("passed", 2.0)
    del less["questions"][0]["checks"][0]

    (came,) = changes_between(less, whole, {}, SAME)
    (went,) = changes_between(whole, less, SAME, {})
    (worth,) = changes_between(
        sheet("failed", 0.0, 1.0), sheet("failed", 0.0, 2.0), {**SAME, KEY: ["f", "q", "s"]}, SAME
    )

    assert (came.outcome_before, came.earned_before, came.outcome, came.why) == ("", None, "passed", "the check")
    assert (went.outcome, went.earned, went.why) == ("", None, "the check")
    assert worth.why == "the check"


def test_the_table_can_be_opened_in_a_spreadsheet() -> None:
    """One row a change under a header; nothing of it is run as a formula."""
    change = Change("=1+1", "q1", "q1a", "test_it", "ungraded", "passed", None, 2.0, "graded again")

    header, row = csv.reader(StringIO(changes_csv([change])))

    assert header[:4] == ["student", "question", "part", "check"]
    assert row == ["'=1+1", "q1", "q1a", "test_it", "ungraded", "passed", "", "2.0", "graded again"]


def test_the_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """For the report; where nothing was written there are no rows."""
    change = Change("s1", "q1", "q1a", "test_it", "failed", "passed", 0.0, 2.0, "the check")
    (tmp_path / "changes.csv").write_text(changes_csv([change]), encoding="utf-8", newline="")

    (row,) = read_changes(tmp_path / "changes.csv")

    assert (row["student"], row["earned_before"], row["earned"], row["why"]) == ("s1", "0.0", "2.0", "the check")
    assert read_changes(tmp_path / "other.csv") == []


def test_a_name_that_begins_like_a_formula_is_read_as_it_is(tmp_path: Path) -> None:
    """The report links to that student's page, which has no quote in its name."""
    change = Change("-anna", "q1", "q1a", "test_it", "failed", "passed", 0.0, 2.0, "the check")
    (tmp_path / "changes.csv").write_text(changes_csv([change]), encoding="utf-8", newline="")

    assert [row["student"] for row in read_changes(tmp_path / "changes.csv")] == ["-anna"]


@pytest.mark.parametrize("table", [b"a,b\n1,2,3,4\n", b"\xff\xfe\n", b"", "more", "less"])
def test_another_table_is_named(tmp_path: Path, table: bytes | str) -> None:
    """A spreadsheet saved over it, say: one sentence, and what to do."""
    path = tmp_path / "changes.csv"
    row = {"more": "1," * 9, "less": "1"}
    path.write_bytes(table if isinstance(table, bytes) else f"{changes_csv([])}{row[table]}\r\n".encode())

    with pytest.raises(GraderError, match=r"changes\.csv is not the table that grader run writes \(.*\); remove it\."):
        read_changes(path)
