"""What can happen around grading: by a verifier that finds everything right, so that no process is needed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import grader.run
from grader.class_pages import write_pages, write_report
from grader.course import find_course
from grader.errors import DataError, GraderError, IsolationError
from grader.marksheets import read_results
from grader.plan import plan
from grader.records import Check, Finding, HandIn, Outcome, Submission, Text, Verdict
from grader.run import Order, run
from tests.graded import class_at, grade
from tests.sample_course import copied, lay, sample, solved
from tests.small_assignment import zipped

CHECKS = (
    Check("test_mean", "q1_rows", "q1a", Fraction(2), False, Text("The mean.")),
    Check("test_table", "q2_table", "q2a", Fraction(3), False, Text("The table.")),
)


class Easy:
    """Finds every check passed; raises Ctrl-C at the student `stops_at`."""

    checks = CHECKS
    isolation, gpu, on_gpu, remarks = 3, "", 0, ()
    alive = True
    loss = ""
    stops_at = ""

    def grade(self, submission: Submission, variant: int, *, only: Collection[Check]) -> Verdict:
        if submission.student == self.stops_at:
            raise KeyboardInterrupt
        return Verdict(submission.student, tuple(Finding(check, Outcome.PASSED, Fraction(1)) for check in CHECKS))

    def close(self) -> None: ...


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Easy]]:
    monkeypatch.setattr(grader.run, "_verifier", lambda order, heard: Easy())
    yield Easy
    Easy.stops_at = ""


def small_class(folder: Path, *students: str) -> Path:
    return class_at(folder, {student: (solved(), 5.0) for student in students})


def test_an_archive_that_stays_closed_is_told_in_every_run(tmp_path: Path, easy: type[Easy]) -> None:
    """Whoever gets nothing for it is named, whether the marksheet is new or stands."""
    submitted = small_class(tmp_path / "submitted", "s1", "s2")
    lay(submitted / "s1" / "hw1", {"more.zip": zipped({})})

    first, second = (grade(submitted, tmp_path / "out").summary for _ in range(2))

    assert (first.graded, second.graded) == (2, 0)
    assert first.problems == second.problems
    assert [problem.en.partition(":")[0] for problem in first.problems] == ["s1"]
    assert "more.zip was not opened" in first.problems[0].en
    assert "more.zip was not opened" in (tmp_path / "out" / "hw1" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["course", "submitted", "out", "data"])
def test_nothing_is_graded_that_lies_beside_pythons_libraries(
    tmp_path: Path, easy: type[Easy], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Student code sees all of Python's folders: course, hand-ins, results and data in one of them would be read."""
    (tmp_path / "data").mkdir()
    course, data = find_course(copied(tmp_path / "course")), tmp_path / "data"
    submitted = small_class(tmp_path / "submitted", "s1")
    order = Order(course, course.assignment("hw1"), submitted, tmp_path / "out", data=data)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / place))
    (tmp_path / "out").mkdir()

    with pytest.raises(IsolationError, match=rf"{place} lies in .*{place}, all of which student code may read"):
        run(order)
    assert run(replace(order, trusted=True)).graded == 1


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, easy: type[Easy]) -> None:
    """Marksheets that were written stay, pages are made of them, and the summary says that it was interrupted."""
    easy.stops_at = "s3"
    graded = grade(small_class(tmp_path / "submitted", "s1", "s2", "s3", "s4"), tmp_path / "out")

    assert graded.summary.interrupted
    assert set(graded.sheets()) <= {"s1", "s2"}
    assert (graded.folder / "report.html").exists() is bool(graded.sheets())


def test_a_hand_in_that_the_disk_does_not_give_is_graded_later(
    tmp_path: Path, easy: type[Easy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the student's doing: everybody else is graded and written, then the run says which file it could not read."""
    unpack = grader.run.unpack

    def torn(hand_in: HandIn, assignment: Any) -> Submission:
        if hand_in.student == "s1":
            raise GraderError(f"{hand_in.path} cannot be read: Input/output error.")
        return unpack(hand_in, assignment)

    monkeypatch.setattr(grader.run, "unpack", torn)
    submitted = small_class(tmp_path / "submitted", "s1", "s2")

    with pytest.raises(
        GraderError, match=r"s1/hw1 cannot be read: Input/output error\. Everything else is graded \(1 left\)"
    ):
        grade(submitted, tmp_path / "out")

    sheets = [one.sheet for one in read_results(tmp_path / "out" / "hw1")]
    assert {s["student"]: s["score"] for s in sheets} == {"s1": 0.0, "s2": 5.0}
    assert {c["outcome"] for q in sheets[0]["questions"] for c in q["checks"]} == {"ungraded", "manual"}
    assert (tmp_path / "out" / "hw1" / "report.html").exists()


def test_changes_are_told_by_student(tmp_path: Path, easy: type[Easy], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was graded first: of two at a time, s1 comes back after s2."""
    submitted, out = small_class(tmp_path / "submitted", "s1", "s2"), tmp_path / "out"
    grade(submitted, out)
    second = threading.Event()

    class Harder(Easy):
        def grade(self, submission: Submission, variant: int, *, only: Collection[Check]) -> Verdict:
            if submission.student == "s1":
                assert second.wait(30)
            findings = tuple(Finding(check, Outcome.FAILED, Fraction(0)) for check in CHECKS)
            return Verdict(submission.student, findings)

    monkeypatch.setattr(grader.run, "_verifier", lambda order, heard: Harder())
    course, hw1 = sample()
    order = Order(course, hw1, submitted, out, workers=2, trusted=True, fresh=True)
    came: list[str] = []

    def advance(student: str) -> None:
        came.append(student)
        second.set()

    told = run(order, advance=advance)

    assert came == ["s2", "s1"]
    assert [change.student for change in told.changes] == ["s1", "s1", "s2", "s2"]


def test_results_of_earlier_runs_stay(tmp_path: Path, easy: type[Easy]) -> None:
    """A run over some hand-ins adds to what is there, and the pages show all of it."""
    grade(small_class(tmp_path / "first", "s1"), tmp_path / "out")
    graded = grade(small_class(tmp_path / "second", "s2"), tmp_path / "out")

    assert set(graded.sheets()) == {"s1", "s2"}
    assert graded.summary.scores == {"s2": 5.0}
    assert {p.stem for p in (graded.folder / "feedback").iterdir()} == {"s1", "s2"}


def test_a_lone_hand_in_that_cannot_be_opened_is_wrong_use(tmp_path: Path, easy: type[Easy]) -> None:
    """Whoever points at one broken archive is told at once, before anything is started."""
    (tmp_path / "s1.zip").write_bytes(b"PK\x03\x04 torn")

    with pytest.raises(GraderError, match=r"s1\.zip was not opened"):
        grade(tmp_path / "s1.zip", tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_pages_can_be_made_again_from_the_marksheets(tmp_path: Path, easy: type[Easy]) -> None:
    """Nothing but the marksheets decides them; Persian ones too. Students' pages leave the instructor's as it is."""
    graded = grade(small_class(tmp_path / "submitted", "s1", "s2"), tmp_path / "out")
    page, report = graded.folder / "feedback" / "s1.html", graded.folder / "report.html"
    english = [page.read_bytes(), report.read_bytes()]
    course, hw1 = sample()

    assert write_pages(course, hw1, graded.folder, "fa") == 2
    assert 'dir="rtl"' in page.read_text(encoding="utf-8")
    assert report.read_bytes() == english[1]
    assert write_report(hw1, graded.folder, {}, "fa") == 2
    assert 'dir="rtl"' in report.read_text(encoding="utf-8")
    assert write_pages(course, hw1, graded.folder, "en") == write_report(hw1, graded.folder, {}, "en") == 2
    assert [page.read_bytes(), report.read_bytes()] == english


def test_without_marksheets_no_page_is_made(tmp_path: Path) -> None:
    """An empty folder stays empty."""
    assert write_report(sample()[1], tmp_path, {}, "en") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_marksheet_is_named(tmp_path: Path) -> None:
    """A torn file stops the report with its name, and with what to do."""
    (tmp_path / "s1.json").write_text('{"schema": 1,', encoding="utf-8")

    with pytest.raises(GraderError, match=r"s1\.json is not a marksheet .*grade again or remove it"):
        list(read_results(tmp_path))


@pytest.mark.parametrize("damaged", ["[]", "null", '{"schema": 1}', '{"schema": 1,'])
def test_a_damaged_marksheet_is_graded_again(tmp_path: Path, easy: type[Easy], damaged: str) -> None:
    """As a missing one would be; nobody's marks have changed by it."""
    submitted = small_class(tmp_path / "submitted", "s1", "s2")
    whole = grade(submitted, tmp_path / "out").sheets()
    (tmp_path / "out" / "hw1" / "s1.json").write_text(damaged, encoding="utf-8")

    again = grade(submitted, tmp_path / "out")

    assert again.sheets() == whole
    assert (again.summary.graded, again.summary.changes) == (1, [])


def test_a_copy_of_a_marksheet_is_no_second_student(tmp_path: Path, easy: type[Easy]) -> None:
    """Its student would stand twice in every table."""
    folder = grade(small_class(tmp_path / "submitted", "s1"), tmp_path / "out").folder
    (folder / "s1-backup.json").write_bytes((folder / "s1.json").read_bytes())

    with pytest.raises(GraderError, match=r"s1-backup\.json is not a marksheet \(it is that of s1\)"):
        list(read_results(folder))


def test_data_that_are_not_there_are_said_before_anything_is_graded(tmp_path: Path) -> None:
    """An assignment that asks for no data set as well: a slip would otherwise grade on stand-ins in silence."""
    course, hw1 = sample()
    order = Order(course, hw1, small_class(tmp_path / "submitted", "s1"), tmp_path / "out", data=tmp_path / "nope")

    with pytest.raises(DataError, match=r"--data .*nope is not a folder: give the one that holds the data sets\."):
        run(order)
    with pytest.raises(DataError, match=r"--data .*nope is not a folder"):
        plan(course, hw1, order.submissions, "quick", 0.0, order.data)
    assert not order.out.exists()
