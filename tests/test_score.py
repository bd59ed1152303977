"""From findings to points: fractions are added, rounded once, and nothing of ours leaks into the marksheet."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import find_course
from grader.records import Check, Finding, Marksheet, Outcome, Submission, Text, Verdict
from grader.score import checks_sha256, earned, rounded, score, unreadable
from tests.sample_course import sample

CHECKS = (
    Check("test_mean", "q1_rows", "q1a", Fraction(2), False, Text("The mean.", "میانگین.")),
    Check("test_columns", "q1_rows", "q1b", Fraction(2), False, Text("The columns.")),
    Check("test_table", "q2_table", "q2a", Fraction(3), False, Text("The table.")),
    Check("test_total", "q2_table", "q2b", Fraction(1), True, Text("The sum.")),
)
CIRCUMSTANCES = {"profile": "quick", "checks_sha256": "c0de", "host": "here", "device": "cpu", "started_at": "now"}


def marksheet(*shares: Fraction | float | None) -> Marksheet:
    """The sample's marksheet for these shares of its four checks, None for one that nobody could judge."""
    course, hw1 = sample()
    findings = tuple(
        Finding(
            check,
            Outcome.UNGRADED if share is None else Outcome.PASSED if share == 1 else Outcome.PARTIAL,
            None if share is None else Fraction(share),
            Text("" if share == 1 else "Look again."),
            detail="expected 3.25",
            hints=("sum",),
            seconds=0.25,
            figures=((f"{check.id}.png", b"PNG"),) if check.question == "q2_table" else (),
            data={"b": "official"} if check.question == "q2_table" else {"a": "stand-in"},
        )
        for check, share in zip(CHECKS, shares, strict=True)
    )
    verdict = Verdict("s1", findings, seconds=1.23456)
    return score(
        course, hw1, Submission("s1", "2026-10-01T12:00:00+00:00", {"q1_rows.py": b""}), verdict, CIRCUMSTANCES
    )


def test_points_are_added_up() -> None:
    """The score includes what was earned of bonuses; the maximum holds neither bonus nor essays."""
    sheet = marksheet(1, 0.5, 1, 1).sheet

    assert (sheet["score"], sheet["max_score"]) == (2 + 1 + 3 + 1, 7.0)
    assert (sheet["bonus_points"], sheet["manual_points"], sheet["manual_bonus"]) == (1.0, 2.5, 0.0)


def test_the_full_solution_has_the_maximum_and_the_bonus() -> None:
    """score == max_score + bonus_points for whoever has everything."""
    sheet = marksheet(1, 1, 1, 1).sheet

    assert sheet["score"] == sheet["max_score"] + sheet["bonus_points"]


def test_a_check_that_nobody_could_judge_earns_null_and_keeps_its_points() -> None:
    """Our own fault is no zero: it stays in the maximum and waits."""
    sheet = marksheet(1, None, 1, 1).sheet
    columns = sheet["questions"][0]["checks"][1]

    assert (columns["earned"], columns["points"], columns["outcome"]) == (None, 2.0, "ungraded")
    assert (sheet["score"], sheet["max_score"]) == (6.0, 7.0)


def test_essays_stand_with_their_question_and_wait() -> None:
    """An essay is a check without earned points, outcome manual, in both languages."""
    essay = marksheet(1, 1, 1, 1).sheet["questions"][1]["checks"][-1]

    assert (essay["part"], essay["points"], essay["earned"], essay["outcome"]) == ("q2e", 2.5, None, "manual")
    assert essay["says"] == {"en": "Why products", "fa": "چرا ضرب"}


def test_what_differs_from_run_to_run_is_not_in_the_marksheet() -> None:
    """Seconds, host, device and the instructor's detail are in the run file alone."""
    made = marksheet(1, 0.5, 1, 1)
    sheet = json.dumps(made.sheet)

    assert not any(word in sheet for word in ("here", "seconds", "expected", "3.25", "detail", "started_at", "hints"))
    assert made.run["seconds"] == 1.235
    assert made.run["checks"]["q1_rows::test_columns"] == {
        "seconds": 0.25,
        "detail": "expected 3.25",
        "hints": ["sum"],
    }
    assert (made.run["host"], made.run["figures"]) == ("here", ["test_table.png"])
    assert "checks_sha256" not in made.run


def test_a_picture_is_kept_once() -> None:
    """Two checks of a question that ask for the same figure put it on the page once, with the first of them."""
    assert marksheet(1, 1, 1, 1).figures == (("test_table.png", b"PNG"),)


def test_the_manifest_says_what_it_was_graded_with() -> None:
    """Profile, data by name, versions, and fingerprints of key, hand-in and checks; the key itself nowhere."""
    course, _ = sample()
    manifest = marksheet(1, 1, 1, 1).sheet["manifest"]

    assert list(manifest["data"].items()) == [("a", "stand-in"), ("b", "official")]
    assert (manifest["profile"], manifest["checks_sha256"], len(manifest["draw_key"])) == ("quick", "c0de", 16)
    assert set(manifest) == {
        *("grader", "python", "torch", "profile", "data", "draw_key", "submission_sha256", "checks_sha256"),
        *("term", "variant"),
    }
    assert course.draw_key.decode() not in json.dumps(manifest)


def test_the_manifest_says_whose_numbers_decided(course_folder: Path) -> None:
    """Points depend on the variant and on the term's draws: whoever has others has another manifest."""
    (course_folder / "solutions" / "variants.toml").write_text("[hw1]\ns1 = 1\n", encoding="utf-8")
    course = find_course(course_folder)
    verdicts = [Verdict(student, ()) for student in ("s1", "s2")]

    manifests = [
        score(course, course.assignment("hw1"), Submission(v.student, "", {}), v, CIRCUMSTANCES).sheet["manifest"]
        for v in verdicts
    ]

    assert [manifest["variant"] for manifest in manifests] == [1, 0]
    assert {manifest["term"] for manifest in manifests} == {course.term}


@given(st.lists(st.integers(0, 400), min_size=1, max_size=20))
def test_rounding_happens_once(quarters: list[int]) -> None:
    """A sum of quarters of points is exact, however many there are."""
    parts = [Fraction(q, 4) for q in quarters]

    assert rounded(sum(parts, Fraction(0))) == sum(quarters) / 4


@pytest.mark.parametrize(("points", "shown"), [("1/3", 0.33), ("2/3", 0.67), ("1/8", 0.13), ("5/8", 0.63), ("3", 3.0)])
def test_points_are_rounded_to_hundredths_as_people_do(points: str, shown: float) -> None:
    """A half goes up."""
    assert rounded(Fraction(points)) == shown


def test_a_share_is_taken_of_the_points() -> None:
    """earned = points x share; nothing yet for one without a share."""
    assert earned(Finding(CHECKS[2], Outcome.PARTIAL, Fraction(1, 3))) == 1
    assert earned(Finding(CHECKS[2], Outcome.MANUAL, None)) == 0


def test_a_hand_in_that_cannot_be_opened_crashes_every_check_with_its_reason() -> None:
    """The student reads why the archive was refused, at each check."""
    why = Text("Not a zip.", "زیپ نیست.")
    verdict = unreadable(Submission("s1", "", {}, (why,)), CHECKS)

    assert [(f.outcome, f.share, f.message) for f in verdict.findings] == [(Outcome.CRASHED, 0, why)] * 4


def test_the_hash_of_the_checks_changes_with_whatever_decides_points(course_folder: Any) -> None:
    """Checks, solutions, variants and the assignment's table are in it; mistakes and pages are not."""
    hw1 = find_course(course_folder).assignment("hw1")
    before = checks_sha256(hw1)
    (hw1.folder / "mistakes" / "q1_rows" / "another.py").write_text("", encoding="utf-8")
    assert checks_sha256(hw1) == before

    for name in ("q1_rows.py", "test_q1_rows.py", "q2_table.variants.toml", "assignment.toml"):
        with (hw1.folder / name).open("a", encoding="utf-8") as file:
            file.write("\n# another line\n")
        assert checks_sha256(hw1) != before
        before = checks_sha256(hw1)
