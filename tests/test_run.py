"""A class is graded: exactly the expected scores, the same bytes every time, nobody's result depends on another's."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import grader.run
from grader.class_pages import read_results, write_pages, write_report
from grader.errors import DataError, GraderError
from grader.plan import plan
from grader.records import Check, Finding, HandIn, Outcome, Submission, Text, Verdict
from grader.run import Order, Pool, Summary, run
from tests.sample_course import ROOT, lay, sample, solved, stubs
from tests.small_assignment import zipped

SUM = "def mean(x):\n    return np.sum(x)\n"  # half of q1a's 2 points
HONEST: dict[str, tuple[dict[str, bytes], float]] = {  # what is handed in, and the score: 8 points and a bonus of 1
    "all": (solved(), 9.0),
    "stub": (stubs(), 0.0),
    "nothing": ({}, 0.0),
    "sum": (solved(q1=SUM), 8.0),
    "one-cell": (solved(q2="def table():\n    return [[8, 10, 18], [12, 15, 28]]\n"), 8.3),  # 5/6 of 3; carried, 0.8
    "rows": (solved(q1="def centred(X):\n    return X[::-1] - X.mean(axis=0)\n"), 7.0),
    "one-file": ({name: data for name, data in solved().items() if name == "q2_table.py"}, 4.0),
    "zip": ({"homework.zip": zipped({f"hw1/{name}": data for name, data in solved().items()})}, 9.0),
    "syntax": (solved(q1="def mean(:\n"), 4.0),
}
HOSTILE: dict[str, tuple[dict[str, bytes], float]] = {
    "x-exits": (solved(q1="def mean(x):\n    import os\n    os._exit(0)\n"), 7.0),
    "x-patches": (solved(q1="import numpy\nnumpy.isclose = numpy.allclose = lambda *a, **k: True\n" + SUM), 8.0),
    "x-prints": (solved(q2="def total():\n    print('{\"score\": 100}' * 99999)\n    return 1\n"), 8.0),
    "x-script": (solved(q1="def mean(x):\n    raise ValueError('<script>alert(1)</script>')\n"), 7.0),
    "x-kills": (solved(q1="def mean(x):\n    import os\n    os.kill(-1, 9)\n    return 0\n"), 7.0),
    "x-archive": ({"homework.zip": zipped({"../../all/q1_rows.py": b"", "q1_rows.py": b""})}, 0.0),
}


@dataclass
class Graded:
    """One run of the class: its summary, and what is on disk."""

    folder: Path
    summary: Summary
    students: int = 0
    on_disk_when_told: dict[str, bool] = field(default_factory=dict)

    def sheets(self) -> dict[str, bytes]:
        return {p.stem: p.read_bytes() for p in self.folder.glob("*.json") if not p.name.endswith(".run.json")}


def class_at(folder: Path, members: dict[str, tuple[dict[str, bytes], float]]) -> Path:
    """nbgrader's submitted/ tree."""
    for student, (files, _) in members.items():
        home = folder / student / "hw1"
        home.mkdir(parents=True)
        lay(home, files)
        (home / "timestamp.txt").write_text("2026-10-01 12:00:00 UTC\n", encoding="utf-8")
    return folder


def grade(submitted: Path, out: Path, workers: int = 1) -> Graded:
    course, hw1 = sample()
    order = Order(course, hw1, submitted, out, workers, trusted=True)
    graded = Graded(order.folder, Summary())

    def begin(students: int, pool: Pool | None) -> None:
        graded.students += students

    def advance(student: str) -> None:
        graded.on_disk_when_told[student] = (order.folder / f"{student}.json").exists()

    graded.summary = run(order, begin, advance)
    return graded


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class with its hostile members, two at a time."""
    home = tmp_path_factory.mktemp("whole")
    return grade(class_at(home / "submitted", {**HONEST, **HOSTILE}), home / "out", workers=2)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The same class without its hostile members, one after another."""
    home = tmp_path_factory.mktemp("honest")
    return grade(class_at(home / "submitted", HONEST), home / "out", workers=1)


def test_everybody_gets_exactly_what_they_have_earned(whole: Graded) -> None:
    """Each score is known before the run: the sum over parts of points times share."""
    scores = {student: json.loads(data)["score"] for student, data in whole.sheets().items()}

    assert scores == {student: score for student, (_, score) in {**HONEST, **HOSTILE}.items()}
    assert whole.summary.scores == scores
    assert (whole.summary.graded, whole.summary.students, whole.students) == (15, 15, 15)
    assert whole.summary.ungraded == []


def test_nobody_s_result_depends_on_the_others_or_on_the_workers(whole: Graded, honest: Graded) -> None:
    """A second run, with one worker instead of two and without the hostile half: the same marksheets to the byte."""
    assert honest.sheets() == {student: data for student, data in whole.sheets().items() if student in HONEST}


def test_a_marksheet_is_on_disk_before_it_is_told(whole: Graded) -> None:
    """Whoever sees a name in the progress bar can open that file."""
    assert whole.on_disk_when_told == dict.fromkeys({**HONEST, **HOSTILE}, True)


def test_the_marksheet_holds_what_schema_1_says(whole: Graded) -> None:
    """Other tools read it: names, order and kinds are fixed."""
    sheet = json.loads(whole.sheets()["one-cell"])

    assert list(sheet) == [
        *("schema", "course", "assignment", "student", "submitted_at", "score", "max_score", "bonus_points"),
        *("manual_points", "manual_bonus", "questions", "manifest"),
    ]
    assert (sheet["schema"], sheet["submitted_at"]) == (1, "2026-10-01T12:00:00+00:00")
    assert [list(question) for question in sheet["questions"]] == [["id", "title", "score", "max_score", "checks"]] * 2
    assert {tuple(check) for question in sheet["questions"] for check in question["checks"]} == {
        ("id", "part", "points", "earned", "bonus", "outcome", "says", "message")
    }


def test_hand_ins_are_only_read(whole: Graded) -> None:
    """Grading leaves what was handed in as it was."""
    submitted = whole.folder.parent.parent / "submitted"
    there = {
        str(p.relative_to(submitted)): p.read_bytes()
        for p in submitted.rglob("*")
        if p.is_file() and p.name != "timestamp.txt"
    }
    wanted = {
        f"{s}/hw1/{name}": data for s, (files, _) in {**HONEST, **HOSTILE}.items() for name, data in files.items()
    }

    assert there == wanted


def test_a_refused_archive_is_told_to_both(whole: Graded) -> None:
    """The instructor reads it in the summary; the student at every check; the rest of the class is graded."""
    (problem,) = whole.summary.problems
    checks = [
        c for q in json.loads(whole.sheets()["x-archive"])["questions"] for c in q["checks"] if c["earned"] is not None
    ]

    assert problem.en.startswith("x-archive: homework.zip was not opened: ")
    assert {check["outcome"] for check in checks} == {"crashed"}
    assert {f"x-archive: {check['message']['en']}" for check in checks} == {problem.en}


def numbers_of(detail: str) -> set[str]:
    """The expected values in an instructor's detail that nobody writes by chance: three decimals, or three figures."""
    expected = "\n".join(line for line in detail.splitlines() if line.startswith("expected"))
    return set(re.findall(r"\d+\.\d{3}|\d{3,}", expected))


def test_expected_values_are_in_no_file_that_a_student_gets(whole: Graded) -> None:
    """They are in the run file's detail; neither the marksheet nor the feedback page holds them."""
    looked_for = 0
    for student, sheet in whole.sheets().items():
        told = json.loads((whole.folder / f"{student}.run.json").read_bytes())
        page = (whole.folder / "feedback" / f"{student}.html").read_text(encoding="utf-8")
        secrets = set().union(*(numbers_of(check["detail"]) for check in told["checks"].values()))
        looked_for += len(secrets)

        assert [number for number in secrets if number in page or number in sheet.decode()] == []
    assert looked_for > 10


def test_strangers_text_is_text_on_every_page(whole: Graded) -> None:
    """A script in an error message runs nowhere."""
    pages = [*whole.folder.glob("feedback/*.html"), whole.folder / "report.html"]

    assert len(pages) == 16
    assert all("<script>alert" not in page.read_text(encoding="utf-8") for page in pages)
    assert "&lt;script&gt;" in (whole.folder / "feedback" / "x-script.html").read_text(encoding="utf-8")


def test_the_table_has_a_line_a_student(whole: Graded) -> None:
    """results.csv agrees with the marksheets."""
    with (whole.folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: float(row["score"]) for row in csv.DictReader(file)}

    assert rows == whole.summary.scores


def test_nothing_else_is_left_in_the_results(whole: Graded) -> None:
    """Two files a student, three for the class, the pages and the journal; nothing half written, no other folder."""
    names = {path.name for path in whole.folder.iterdir()}
    students = {**HONEST, **HOSTILE}

    assert names == {f"{s}.json" for s in students} | {f"{s}.run.json" for s in students} | {
        *("results.csv", "changes.csv", "report.html", "feedback", "journal.sqlite3")
    }


def test_the_page_on_results_has_a_row_for_each_file(whole: Graded) -> None:
    """docs/marksheet.md names what a run leaves, and nothing else but figures, of which this class draws none."""
    table = (ROOT / "docs" / "marksheet.md").read_text(encoding="utf-8").partition("## The marksheet")[0]
    rows = {name.split("/")[0] for name in re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)}
    named = {row.replace("<student>", student) for row in rows for student in {**HONEST, **HOSTILE}}

    assert {path.name for path in whole.folder.iterdir()} == named - {"figures"}


def test_what_differs_from_run_to_run_is_in_the_run_file(whole: Graded) -> None:
    """Seconds, host, device, isolation, workers, notes and the instructor's details."""
    told = json.loads((whole.folder / "syntax.run.json").read_bytes())

    assert {"seconds", "host", "cores", "device", "isolation", "workers", "started_at", "notes", "trainings"} <= set(
        told
    )
    assert told["no_essay"] == ["q2e"]
    assert (told["workers"], told["device"]) == (2, "cpu")
    assert "SyntaxError" in told["checks"]["q1_rows::test_mean"]["detail"]


# What follows needs no process: a verifier that finds everything right, for what can happen around it.

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

    sheets, _ = read_results(tmp_path / "out" / "hw1")
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

    told = run(order, lambda students, pool: None, advance)

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
        read_results(tmp_path)


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
        read_results(folder)


def test_data_that_are_not_there_are_said_before_anything_is_graded(tmp_path: Path) -> None:
    """An assignment that asks for no data set as well: a slip would otherwise grade on stand-ins in silence."""
    course, hw1 = sample()
    order = Order(course, hw1, small_class(tmp_path / "submitted", "s1"), tmp_path / "out", data=tmp_path / "nope")

    with pytest.raises(DataError, match=r"--data .*nope is not a folder: give the one that holds the data sets\."):
        run(order, lambda students, pool: None, lambda student: None)
    with pytest.raises(DataError, match=r"--data .*nope is not a folder"):
        plan(course, hw1, order.submissions, "quick", 0.0, order.data)
    assert not order.out.exists()
