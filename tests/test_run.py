"""A class is graded: exactly the expected scores, the same bytes every time, nobody's result depends on another's."""

from __future__ import annotations

import csv
import json
import re

import pytest

from tests.graded import Graded, class_at, grade
from tests.sample_course import ROOT, solved, stubs
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
