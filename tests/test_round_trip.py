"""A class's whole way through nbgrader, by the real programs: whatever tells a student's points tells the same ones.

The points in this file are worked out by hand from what the class of school.py hands in.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from grader.exchange import home
from tests.export.test_canvas import imported
from tests.export.test_moodle import feedback_files, worksheet
from tests.school import CLASS, NUMBERS, Row, School, table, whole_story

PARTS = ("q1a", "q1b", "q1c", "q1d", "q2a", "q2b", "q2e")
MOST = 12.5  # 2.5 + 2 + 1 + 1.5 + 3 and the essay's 2.5; q2b is a bonus
FINAL = {  # by part and what lateness costs, when all is done
    "ada": (2.5 + 0.5, 2.0, 1.0, 1.5, 3.0, 1.0, 2.0, 0.0),  # everything, and extra credit for q1a
    "bob": (2.5, 0.5, 1.0, 0.0, 3.0, 1.0, 0.0, 1.0),  # means of rows for those of columns; no essay; late
    "cyd": (1.0 + 0.5, 2.0, 1.0, 1.5, 3.0, 1.0, 1.5, 0.0),  # sum for mean, which are one for one number
    "dan": (2.5, 2.0, 0.75, 1.5, 1.5, 0.8, 1.0, 0.0),  # sums for products, carried; q1c as a person gave it
    "eve": (2.5, 0.0, 0.0, 0.0, 3.0, 0.0, 2.5, 0.0),  # whole halves; q1b and q2b unwritten
}
TOTAL = {"ada": 13.5, "bob": 7.0, "cyd": 11.5, "dan": 10.05, "eve": 8.0}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    return whole_story(tmp_path_factory.mktemp("school"))


def gradebook(school: School) -> dict[str, tuple[float, float]]:
    """nbgrader's own sum of a student's parts, less the penalty, and what it is of."""
    book = school.books["added"]
    return {student: (score - book.penalties[student], most) for student, (score, most) in book.totals.items()}


def nbgrader_s_csv(school: School) -> dict[str, tuple[float, float]]:
    rows = table(school.course.root / "grades.csv")
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


def marksheets(school: School) -> dict[str, tuple[float, float]]:
    """The machine's marks; a person's in their place where there is one; extra credit; the penalty."""
    found = {}
    for student in CLASS:
        sheet, rows = school.sheet(student), school.books["added"].rows[student]
        points: dict[str, float] = dict.fromkeys(rows, 0.0)
        for check in (check for question in sheet["questions"] for check in question["checks"]):
            points[check["part"]] += check["earned"] or 0
        points |= {part: row.manual for part, row in rows.items() if row.manual is not None}
        extra = sum(row.extra for row in rows.values())
        score = sum(points.values()) + extra - school.books["added"].penalties[student]
        found[student] = (score, sheet["max_score"] + sheet["manual_points"])
    return found


def plain_table(school: School) -> dict[str, tuple[float, float]]:
    rows = table(school.results / "export" / "csv" / "grades.csv")
    return {row["student"]: (float(row["score"]), float(row["max_score"])) for row in rows}


def moodle(school: School) -> dict[str, tuple[float, float]]:
    content = (school.results / "export" / "moodle" / "grades.csv").read_bytes()
    most = {row["Maximum Grade"] for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))}
    grades = worksheet(content)
    return {student: (float(grades[number]), float(*most)) for student, number in NUMBERS.items()}


def canvas(school: School) -> dict[str, tuple[float, float]]:
    possible, students = imported((school.results / "export" / "canvas" / "grades.csv").read_bytes())
    ((column, most),) = possible.items()
    return {one["sis"]: (float(one["grades"][column]), float(most)) for one in students}


def gradescope(school: School) -> dict[str, tuple[float, float]]:
    told = {s: json.loads((school.results / "export" / "gradescope" / f"{s}.json").read_text()) for s in CLASS}
    return {student: (one["score"], scores(r"of ([\d.]+) points", one["output"])[0]) for student, one in told.items()}


def fetched_feedback(school: School) -> dict[str, tuple[float, float]]:
    """nbgrader's pages on the students' desks; dan has none, who handed in no notebook: his is the instructor's."""
    pages = {student: list(school.desk(student).glob("hw1/feedback/*/hw1.html")) for student in CLASS}
    assert [student for student, found in pages.items() if not found] == ["dan"]
    pages["dan"] = [home(school.course) / "feedback" / "dan" / "hw1" / "hw1.html"]
    texts = {student: path.read_text(encoding="utf-8") for student, (path,) in pages.items()}
    return {s: scores(r"hw1 \(Score: ([\d.]+) / ([\d.]+)\)", " ".join(text.split())) for s, text in texts.items()}


def our_feedback(school: School) -> dict[str, tuple[float, float]]:
    """The pages as Moodle sends them to students."""
    pages = feedback_files((school.results / "export" / "moodle" / "feedback.zip").read_bytes())
    whole = r'<p class="score"><strong>([\d.]+)</strong>\s*<span>of ([\d.]+) points</span>'
    return {student: scores(whole, pages[number][1].decode("utf-8")) for student, number in NUMBERS.items()}


def scores(pattern: str, text: str) -> tuple[float, ...]:
    """The numbers of the one place that looks like this."""
    found = re.search(pattern, text)
    assert found, pattern
    return tuple(map(float, found.groups()))


@pytest.mark.parametrize(
    "read",
    [gradebook, nbgrader_s_csv, marksheets, plain_table, moodle, canvas, gradescope, fetched_feedback, our_feedback],
)
def test_every_place_tells_the_same_points(school: School, read: Callable[[School], Any]) -> None:
    """To the point, for every student, and what they are of."""
    told = {student: (round(score, 9), most) for student, (score, most) in read(school).items()}  # 0.8 is no float

    assert told == {student: (total, MOST) for student, total in TOTAL.items()}


@pytest.mark.parametrize("student", CLASS)
def test_every_part_is_what_was_worked_out(school: School, student: str) -> None:
    """The gradebook has the marksheet's points for what the machine marks, and with a person's the ones above."""
    rows, earned = school.books["added"].rows[student], dict.fromkeys(PARTS, 0.0)
    for check in (check for question in school.sheet(student)["questions"] for check in question["checks"]):
        earned[check["part"]] += check["earned"] or 0

    assert {part: rows[part].auto for part in PARTS if part != "q2e"} == {p: earned[p] for p in PARTS if p != "q2e"}
    counted = [(row.auto if row.manual is None else row.manual) + row.extra for row in map(rows.get, PARTS)]
    assert (*counted, school.books["added"].penalties[student]) == FINAL[student]


def test_lateness_is_nbgrader_s_plugin_s(school: School) -> None:
    """From the due date in the gradebook, by whichever program records."""
    late = {"ada": 0, "bob": 1, "cyd": 0, "dan": 0, "eve": 0}

    assert [book.penalties for book in school.books.values()] == [late] * len(school.books)


def test_the_first_marks_are_those_of_the_wrong_check(school: School) -> None:
    """Of cyd's two hand-ins the latest counts; dan's has a report card, so that nothing is missing."""
    totals = {student: score for student, (score, _) in school.books["recorded"].totals.items()}

    assert totals == {"ada": 8.0, "bob": 6.5, "cyd": 7.0, "dan": 6.3, "eve": 6.0}
    assert "cyd handed in 2 times; the latest, cyd+hw1+" in school.told["collect"]


def test_what_somebody_wrote_waits_for_a_person(school: School) -> None:
    """An essay in the notebook or in essays.md; bob's, which nobody wrote, has zero. Marked, none waits."""
    waiting = {s for s, rows in school.books["recorded"].rows.items() for row in rows.values() if row.waits}

    assert waiting == {"ada", "cyd", "dan", "eve"}
    assert school.books["recorded"].rows["bob"]["q2e"] == Row(0.0, None, 0, waits=False)
    assert "Waiting for a person: 4 parts of 4 students; " in school.told["record"]
    assert "New in the gradebook: 2 marks." in school.told["read"]
    assert not any(row.waits for rows in school.books["marked"].rows.values() for row in rows.values())


def test_two_instructors_write_the_same(school: School) -> None:
    """`nbgrader autograde` and then `grader record`: the same rows, and the same graded report cards, byte by byte."""
    assert school.books["mended"] == school.books["mended and recorded"]
    assert school.cards["mended"] == school.cards["mended and recorded"]


def test_whose_marks_a_mended_check_changes_is_said(school: School) -> None:
    """Those who were right gain its point, and who was wrong as the check was loses it."""
    changes = [(c["student"], c["part"], c["earned_before"], c["earned"], c["why"]) for c in school.changes["mended"]]

    gained = [(student, "q1c", "0.0", "1.0", "the check") for student in ("ada", "bob", "cyd", "dan")]
    assert changes == [*gained, ("eve", "q1c", "1.0", "0.0", "the check")]
    assert "  eve q1c: 1 -> 0 (test_half; changed: the check)\n" in school.told["mended"]


def test_a_person_s_marks_outlive_every_regrade(school: School) -> None:
    """Manual scores and extra credit are as they were given, also where the machine has changed its mind."""

    def given(moment: str) -> dict[tuple[str, str], tuple[float | None, float]]:
        rows = school.books[moment].rows
        return {
            (s, p): (r.manual, r.extra) for s in rows for p, r in rows[s].items() if (r.manual, r.extra) != (None, 0)
        }

    assert given("marked") == given("mended") == given("added")
    assert given("added") == {
        ("ada", "q1a"): (None, 0.5),
        ("ada", "q2e"): (2.0, 0),
        ("cyd", "q2e"): (1.5, 0),
        ("dan", "q1c"): (0.75, 0),
        ("dan", "q2e"): (1.0, 0),
        ("eve", "q2e"): (2.5, 0),
    }
    assert school.books["added"].rows["dan"]["q1c"].auto == 1.0
    assert school.told["record at last"].endswith("machine's:\n  dan: q1c 0.75, by the machine 1\n")


def test_checks_that_come_after_the_hand_ins_take_nothing_away(school: School) -> None:
    """A new part is a new cell, a check more in an old part raises it; every other row stays, and so does its mark."""
    before, after = school.books["mended"], school.books["added"]

    for student in CLASS:
        old, new = dict(before.rows[student]), dict(after.rows[student])
        assert new.pop("q1d") == Row(FINAL[student][PARTS.index("q1d")], None, 0, waits=False)
        risen, row = new.pop("q1a"), old.pop("q1a")
        assert risen == Row((row.auto or 0) + 0.5, None, row.extra, waits=False)
        assert new == old
        assert (before.totals[student][1], after.totals[student][1]) == (10.5, MOST)
    assert {change["part"] for change in school.changes["added"]} == {"q1a", "q1d"}
    assert "  ada q1d: new -> 1.5 (test_one_row; changed: the check)\n" in school.told["added"]
