"""`grader run`: what it says before, during and after; results stay, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import Result

from grader.changes import Change
from grader.checking.verifier import Verifier
from grader.cli.run_summary import tell_changes
from grader.errors import IsolationError
from grader.records import Site
from grader.run import Order, Summary
from tests.commandline import HEAD, MARKED, RUN, append, typed
from tests.pages.sample import a_check, a_sheet
from tests.processes import appears, below, ended
from tests.sample_course import ENVIRONMENT, ROOT, SAMPLE, copied, lay, python, solved, stubs


def test_a_report_is_written_in_the_language_asked(course_folder: Path) -> None:
    """English unless --lang fa, where titles and messages are the Persian ones; another language is refused."""
    failed = a_check("test_sum", "q1a", 2.0, "failed", message=("Not the sum.", "مجموع نیست."))
    sheet = json.dumps(a_sheet("s1", {"q1_learning_rates": [failed]}))
    lay(course_folder / "results" / "hw1", {"s1.json": sheet.encode()})

    def written(*words: str) -> str:
        told = typed("report", "hw1", *words, folder=course_folder)
        assert (told.exit_code, told.stdout) == (0, "Report: results/hw1/report.html\n"), told.output
        return (course_folder / "results" / "hw1" / "report.html").read_text(encoding="utf-8")

    english, persian = written(), written("--lang", "fa")
    refused = typed("report", "hw1", "--lang", "de", folder=course_folder)

    assert ('lang="en" dir="ltr"' in english, "Not the sum." in english) == (True, True)
    assert ('lang="fa" dir="rtl"' in persian, "مجموع نیست." in persian) == (True, True)
    assert written("--lang", "en") == english
    assert refused.exit_code == 2
    assert "'de' is not one of 'en', 'fa'" in refused.stderr


def test_without_isolation_a_run_is_refused(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 2, why, and the two ways on; checking/test_verifier.py has the machine that gives none."""

    def nowhere(*_: object) -> None:
        raise IsolationError("This machine cannot shut student code in (level 3: no). Run `grader doctor`.")

    monkeypatch.setattr("grader.run._verifier", nowhere)
    lay(course_folder / "class" / "s1", stubs())

    told = typed(*RUN, folder=course_folder)

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.strip().splitlines()[-1] == (
        "grader: This machine cannot shut student code in (level 3: no). Run `grader doctor`."
    )


# What follows starts verifiers, so cases are few here; checking/test_plugin.py has every rule of checks.


def test_checks_that_cannot_be_run_keep_earlier_results(course_folder: Path) -> None:
    """The author breaks a check in the middle of the term: what was graded stays as it was."""
    lay(course_folder / "class" / "s1", stubs())
    lay(course_folder / "results" / "hw1", {"s0.json": b"{}", "report.html": b"an earlier report"})
    append(f"{HEAD}test_q1_rows.py", '\n\ndef test_more(submission):\n    """More."""\n')(course_folder)

    told = typed(*RUN, folder=course_folder)

    assert told.exit_code == 2
    assert "test_more has no @points: say what the check is worth" in told.stderr.strip().splitlines()[-1]
    assert "Traceback" not in told.output
    there = {path.name: path.read_bytes() for path in (course_folder / "results" / "hw1").iterdir()}
    assert there.pop("journal.sqlite3")
    assert there == {"s0.json": b"{}", "report.html": b"an earlier report"}


@pytest.mark.parametrize(
    ("greeting", "told", "noted"),
    [
        ({"gpu": "A Card 3000", "on_gpu": 2}, "profile quick, trainings on A Card 3000, ", ("cuda", "A Card 3000")),
        ({"remarks": ["It is [red]broken."]}, "\nIt is [red]broken.\n", ("cpu", "")),
    ],
)
def test_the_card_is_told(
    greeting: dict[str, Any], told: str, noted: tuple[str, str], course_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the terminal and in the run file: where trainings run, and why not on the card that is there."""
    whole = Verifier._greeting
    monkeypatch.setattr(Verifier, "_greeting", lambda self, order: whole(self, order) | greeting)
    lay(course_folder / "class" / "s1", solved())

    ended = typed(*RUN, "--i-trust-these-submissions", folder=course_folder)

    assert ended.exit_code == 0, ended.stderr
    assert told in ended.stderr
    run = json.loads((course_folder / "results" / "hw1" / "s1.run.json").read_bytes())
    assert (run["device"], run["gpu"]) == noted


TRAINS = """


@points(1, part="q1a")
@needs(minutes=0.1)
def test_trains(submission, dataset):
    \"\"\"A network would be trained here.\"\"\"
    train, unseen = dataset("cifar10")
    assert len(train[0]) > 0
"""


@pytest.fixture(scope="module")
def with_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample course with a check that asks for CIFAR-10, and one hand-in that has everything right."""
    root = copied(tmp_path_factory.mktemp("data") / "course")
    lay(root / "datasets", {"cifar10.toml": (ROOT / "datasets" / "cifar10.toml").read_bytes()})
    path = root / HEAD / "test_q1_rows.py"
    text = path.read_text(encoding="utf-8").replace("import close, hint,", "import close, hint, needs,")
    path.write_text(text + TRAINS, encoding="utf-8")
    with (root / HEAD / "assignment.toml").open("r+", encoding="utf-8") as file:
        table = file.read().replace('bonus = ["q2b"]', 'bonus = ["q2b"]\ndata = ["cifar10"]')
        file.seek(0)
        file.write(table)
    lay(root / "class" / "s1", solved())
    return root


def run_with_data(root: Path, profile: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Result:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    words = ("--profile", profile, "--device", "cpu", "--i-trust-these-submissions", "--out", str(folder / "out"))
    return typed(*RUN, *words, folder=root)


def test_a_missing_data_set_leaves_its_checks_for_later(
    with_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the full profile nothing stands in for real data: status 1, no zero, and the command that fetches it."""
    told = run_with_data(with_data, "full", monkeypatch, tmp_path)

    sheet = json.loads((tmp_path / "out" / "hw1" / "s1.json").read_bytes())
    run = json.loads((tmp_path / "out" / "hw1" / "s1.run.json").read_bytes())
    trains = sheet["questions"][0]["checks"][3]
    assert told.exit_code == 1, told.output
    assert "Not judged, to be graded again: s1; the report says why." in told.stderr
    assert (trains["outcome"], trains["earned"], sheet["score"]) == ("ungraded", None, 9.0)
    assert "waits for a data set" in trains["message"]["en"]
    assert "grader data fetch cifar10" in run["checks"]["q1_rows::test_trains"]["detail"]


@pytest.mark.parametrize(
    ("typed_words", "default", "profile"),
    [
        ((), 'profile = "full"', "full"),
        (("--profile", "quick"), 'profile = "full"', "quick"),
        ((), "workers = 2", "quick"),
    ],
)
def test_a_course_has_defaults_of_its_own(
    course_folder: Path, typed_words: tuple[str, ...], default: str, profile: str
) -> None:
    """[run] in course.toml holds where nothing is typed."""
    path = course_folder / "course.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('profile = "quick"', default), encoding="utf-8")
    lay(course_folder / "class" / "s1", stubs())

    told = typed(*RUN, *typed_words, "--i-trust-these-submissions", folder=course_folder)

    assert told.exit_code == 0, told.output
    assert f"profile {profile}" in told.stderr


def test_a_default_that_is_none_is_one_sentence(course_folder: Path) -> None:
    """As for the option: what may stand there is said."""
    path = course_folder / "course.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"quick"', '"ful"'), encoding="utf-8")
    lay(course_folder / "class" / "s1", stubs())

    told = typed(*RUN, folder=course_folder)

    assert told.exit_code == 2
    assert "course.toml: profile in [run]: 'ful' is not one of 'quick', 'full'." in told.stderr


def test_practice_says_that_it_is_practice(with_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the quick profile a generated set stands in, in the manifest, in the first and in the last line."""
    told = run_with_data(with_data, "quick", monkeypatch, tmp_path)

    sheet = json.loads((tmp_path / "out" / "hw1" / "s1.json").read_bytes())
    assert (told.exit_code, sheet["score"]) == (0, 10.0), told.output
    assert sheet["manifest"]["data"] == {"cifar10": "stand-in"}
    assert "profile quick (cifar10 generated), " in told.stderr
    assert told.stdout.splitlines()[-1].startswith("Practice: cifar10 generated")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_an_interrupted_run_keeps_what_is_done_and_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    """One student is done, the next one loops for ever: the first marksheet stays, and nobody goes on in the dark."""
    lay(tmp_path / "class" / "a-done", solved())
    lay(tmp_path / "class" / "b-loops", solved(q1="def mean(x):\n    while True:\n        pass\n"))
    words = ("-m", "grader", "run", "hw1", "--course", str(SAMPLE), "--submissions", "class", "--out", "out")
    running = subprocess.Popen(
        [sys.executable, *words, "--i-trust-these-submissions"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = tmp_path / "out" / "hw1" / "a-done.json"
    appears(done)
    family = below(running.pid, at_least=4)  # template, nursery, verifier, worker
    running.send_signal(number)
    _, said = running.communicate()

    assert ended(family)
    assert done.exists()
    assert not (tmp_path / "out" / "hw1" / "b-loops.json").exists()
    if number is signal.SIGINT:
        assert running.returncode == 130
        assert "Interrupted: every marksheet written so far is kept." in said
        assert "Traceback" not in said
        names = {path.name for path in (tmp_path / "out" / "hw1").iterdir()}
        assert names - {"changes.csv"} == {  # not yet, if the key came between the marksheet and its count
            *("a-done.json", "a-done.run.json", "feedback", "report.html", "results.csv"),
            "journal.sqlite3",
        }

    lay(tmp_path / "class" / "b-loops", solved())
    again = python(*words, "--i-trust-these-submissions", cwd=tmp_path)

    assert "1 of 2 graded, 1 as they were," in again.stdout
    assert not list((tmp_path / "out").rglob(".*"))


def test_an_interruption_while_warming_up_is_quiet_too(tmp_path: Path) -> None:
    """Nothing is graded yet: the same status, nothing written, nobody left."""
    lay(tmp_path / "class" / "a", solved())
    words = ("-m", "grader", "run", "hw1", "--course", str(SAMPLE), "--submissions", "class", "--out", "out")
    running = subprocess.Popen(
        [sys.executable, *words],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    family = below(running.pid, at_least=2)  # template and nursery
    running.send_signal(signal.SIGINT)
    _, said = running.communicate()

    assert ended(family)
    assert (running.returncode, "Traceback" in said) == (130, False), said
    assert [path.name for path in (tmp_path / "out" / "hw1").iterdir()] == ["journal.sqlite3"]


def graded_as_marked(order: Order, begin: Any, advance: Any, heard: Any) -> Summary:
    begin(1, None)
    advance(MARKED)
    return Summary()


def trained_as_marked(order: Order, begin: Any, advance: Any, heard: Any) -> Summary:
    begin(1, None)
    heard("s1", {"part": "q1a", "seconds": 1.0, "said": MARKED})
    return Summary()


@pytest.mark.parametrize("run", [graded_as_marked, trained_as_marked])
def test_a_bar_shows_what_is_a_student_s_as_it_is(monkeypatch: pytest.MonkeyPatch, run: Any, tmp_path: Path) -> None:
    """No colour, no link, no emoji: a terminal does what we print, and an id or a training's words are printed."""
    monkeypatch.setattr("grader.cli.run_progress.run", run)

    told = typed("run", "hw1", "--course", str(SAMPLE), folder=tmp_path)

    assert MARKED in told.stderr


def test_a_line_is_one_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A log can be searched for it, however much it says: the first line, and what the machine lacks."""
    site = Site((), 3, "NVIDIA A100 " * 10, ("No namespaces " * 10 + "here.",))

    def run(order: Order, begin: Any, advance: Any, heard: Any) -> Summary:
        begin(1, site)
        return Summary()

    monkeypatch.setattr("grader.cli.run_progress.run", run)

    first, remark, *_ = typed("run", "hw1", "--course", str(SAMPLE), folder=tmp_path).stderr.splitlines()

    assert first.startswith("hw1: 1 hand-in, profile quick")
    assert first.endswith("limits")
    assert remark.endswith("here.")


def test_a_terminal_shows_whole_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lines are broken between words there, and the bar gives way to what trains: all of it is on one line."""
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich's own way to say that it is one
    monkeypatch.setenv("COLUMNS", "60")
    pool = SimpleNamespace(isolation=3, gpu="", remarks=[])

    def run(order: Order, begin: Any, advance: Any, heard: Any) -> Summary:
        begin(39, pool)
        heard("s1", {"part": "q4d", "seconds": 6.0, "said": "epoch 2"})
        return Summary()

    monkeypatch.setattr("grader.cli.run_progress.run", run)

    told = typed("run", "hw1", "--course", str(SAMPLE), folder=tmp_path).stderr
    lines = [line.strip() for line in click.unstyle(told).splitlines()]

    assert "level 3: namespaces, seccomp, limits" in " ".join(lines)
    assert not any("level 3" in line and "limits" in line for line in lines)  # 60 columns do not hold it
    assert any("s1 trains q4d: epoch 2, 6 s" in line and "0/39" in line for line in lines)


def test_the_audit_is_a_share(course_folder: Path) -> None:
    """More than everybody cannot be drawn."""
    ended = typed("run", "hw1", "--audit", "1.5", folder=course_folder)

    assert ended.exit_code == 2
    assert "1.5 is not in the range 0<=x<=1" in ended.output


def test_marksheets_of_earlier_runs_are_named(course_folder: Path) -> None:
    """Who is in the report without a hand-in of this run may have handed in earlier, or be nobody."""
    lay(course_folder / "class", {"s1/q1_rows.py": b"", "s2/q1_rows.py": b""})
    words = ("run", "hw1", "--submissions", "class", "--i-trust-these-submissions")
    typed(*words, folder=course_folder)
    shutil.rmtree(course_folder / "class" / "s2")

    told = typed(*words, folder=course_folder)

    assert told.exit_code == 0, told.output
    assert "In the report from earlier runs, with no hand-in here: s2; remove from results/hw1" in told.stderr


def test_changes_are_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a student, then by check: one that was added or removed, and one that was not judged, are not the same."""
    changes = [
        Change("ada", "q1", "q1a", "test_a", "", "passed", None, 1.0, "the check"),
        Change("ada", "q1", "q1b", "test_b", "failed", "", 0.5, None, "the check"),
        Change("ada", "q1", "q1c", "test_c", "ungraded", "failed", None, 0.0, "graded again"),
        Change("bob", "q1", "q1a", "test_a", "", "failed", None, 0.0, "the check"),
        Change("bob", "q1", "q1b", "test_b", "unwritten", "failed", 0.0, 0.0, "the hand-in"),
        Change("cyd", "q1", "q1b", "test_b", "unwritten", "failed", 0.0, 0.0, "the hand-in"),
    ]

    tell_changes(
        SimpleNamespace(folder=tmp_path), Summary(changes=changes, scores={"ada": 8.3, "bob": 0.0, "cyd": 1.0})
    )

    assert capsys.readouterr().out.splitlines() == [
        f"Changed marks of 2 students ({tmp_path / 'changes.csv'}):",
        "  ada: 7.8 -> 8.3",
        "  bob: 0 as before",
        "By check:",
        "  ada q1a: new -> 1 (test_a; changed: the check)",
        "  ada q1b: 0.5 -> gone (test_b; changed: the check)",
        "  ada q1c: open -> 0 (test_c; changed: graded again)",
        "  bob q1a: new -> 0 (test_a; changed: the check)",
    ]


def test_of_many_changes_the_first_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A class's lines would push the summary off the screen; where points stay, nothing is said at all."""
    changes = [Change(f"s{n}", "q1", "q1a", "test_a", "failed", "passed", 0.0, 1.0, "the check") for n in range(30)]

    tell_changes(SimpleNamespace(folder=tmp_path), Summary(changes=changes, scores={c.student: 1.0 for c in changes}))
    lines = capsys.readouterr().out.splitlines()
    same = Change("s1", "q1", "q1a", "test_a", "unwritten", "failed", 0.0, 0.0, "the hand-in")
    tell_changes(SimpleNamespace(folder=tmp_path), Summary(changes=[same], scores={"s1": 0.0}))

    assert [line for line in lines if "more" in line] == ["  and 10 more"] * 2
    assert capsys.readouterr().out == ""
