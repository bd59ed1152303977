"""The command line: wrong use is one sentence and status 2, results stay, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from grader import __version__
from grader.changes import Change
from grader.checking.verifier import Verifier
from grader.cli import main
from grader.cli.instructor import _tell_changes
from grader.cli.options import EXTRAS, POSIX
from grader.cli.student import _training
from grader.cli.trainings import Trainings
from grader.course import find_course
from grader.errors import IsolationError
from grader.run import Order, Summary
from tests.pages.sample import a_check, a_sheet
from tests.processes import appears, below, ended
from tests.sample_course import ENVIRONMENT, ROOT, SAMPLE, copied, lay, python, solved, stubs

HEAD = "solutions/hw1/"


def typed(*words: str, folder: Path | None = None) -> Result:
    """`grader WORDS`, typed in `folder`."""
    before = Path.cwd()
    os.chdir(folder or before)
    try:
        return CliRunner().invoke(main, list(words))
    finally:
        os.chdir(before)


def commands(group: click.Group = main, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command by its words, `data fetch` too."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    """--help says what it does in a sentence, and what each option is for."""
    told = typed(*words, "--help")
    command: click.Command = main
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]

    assert told.exit_code == 0
    assert (command.help or "").split("\n\n")[0].strip().endswith(".")
    assert [o.name for o in command.params if isinstance(o, click.Option) and not (o.help or "").endswith(".")] == []


def test_the_summary_names_every_command() -> None:
    """`grader --help`: who types what."""
    told = typed("--help").output

    assert all(words[0] in (main.help or "") for words in commands())
    assert "Exit status: 0 done; 1 some checks could not be graded; 2 wrong use" in told


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_command_stands_in_the_documentation(words: tuple[str, ...]) -> None:
    """Somebody who reads README and docs alone meets it."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]

    assert any(f"grader {' '.join(words)}" in page.read_text(encoding="utf-8") for page in pages)


def test_the_version_is_the_package_s() -> None:
    """`grader --version`, for a report of what went wrong."""
    assert typed("--version").output == f"grader, version {__version__}\n"


def test_the_module_is_the_command() -> None:
    """`python -m grader` is `grader`."""
    assert python("-m", "grader", "--version", cwd=ROOT).stdout == typed("--version").output


def test_names_of_files_are_utf_8(course_folder: Path) -> None:
    """Under a locale of old, a student's name would be read as something else, or stop the command with a traceback."""
    lay(course_folder / "class" / "سارا", solved())
    old = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    words = ("-m", "grader", "collect", "hw1", "--from", "class")

    refused = python(*words, cwd=course_folder, **old)
    told = python(*words, cwd=course_folder, **{**old, "PYTHONUTF8": "1"})

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "grader: Python reads file names as ascii here, and a student's may have any letter: "
        "set PYTHONUTF8=1 in the environment and type the command again.\n"
    )
    assert (told.returncode, told.stdout[:11]) == (0, "1 collected")


def _write(file: str, content: bytes) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        lay(root, {file: content})

    return change


def _append(file: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return change


def _nothing(root: Path) -> None: ...


RUN = ("run", "hw1", "--submissions", "class")
WRONG_USE: dict[str, tuple[tuple[str, ...], Callable[[Path], object], str]] = {
    "an unknown assignment": (("run", "hw9"), _nothing, "There is no assignment hw9 in "),
    "a missing folder": (("run", "hw1", "--submissions", "nowhere"), _nothing, "There is no folder "),
    "an empty class": (RUN, lambda root: (root / "class").mkdir(), "There is no hand-in to grade in "),
    "a corrupt archive": (
        ("run", "hw1", "--submissions", "s1.zip"),
        _write("s1.zip", b"PK\x03\x04 torn"),
        "s1.zip was not opened: ",
    ),
    "broken TOML": (RUN, _write("course.toml", b"id = \n"), "course.toml cannot be read as TOML: "),
    "a set without its table": (
        RUN,
        lambda root: (root / HEAD / "assignment.toml").unlink(),
        "assignment.toml is missing",
    ),
    "no GPU": (
        (*RUN, "--device", "cuda"),
        _nothing,
        "--device cuda: there is no /dev/nvidia0, or none that CUDA_VISIBLE_DEVICES names by its number. Pass --device",
    ),
    "no marksheets for pages": (("feedback", "hw1"), _nothing, "There are no marksheets in "),
    "no marksheets for a report": (("report", "hw1"), _nothing, "There are no marksheets in "),
    "an unknown question to verify": (
        ("verify", "q9_none"),
        _nothing,
        "There is no assignment or question q9_none in ",
    ),
    "an unknown question of a set": (
        ("verify", "hw1/q9"),
        _nothing,
        "hw1 has no question q9; it has q1_rows, q2_table.",
    ),
    "a set that cannot be synced": (("sync", "hw9"), _nothing, "There is no assignment hw9 in "),
    "a region left open": (
        ("sync", "--check"),
        _append(f"{HEAD}q1_rows.py", "\n\ndef more():\n    # BEGIN SOLUTION\n    pass\n"),
        "the region is left open; close it with # END SOLUTION",
    ),
    "a stub out of step": (
        ("sync", "--check"),
        _append("exercises/hw1/q1_rows.py", "x = 1\n"),
        "q1_rows.py is not what solutions/hw1 generates; run `grader sync hw1`.",
    ),
    "a stub that somebody wrote in": (
        ("sync",),
        _append("exercises/hw1/q1_rows.py", "x = 1\n"),
        "`grader sync` would overwrite or remove exercises/hw1/q1_rows.py, written or changed by somebody since",
    ),
    "a name that is none": (("new", "hw1"), _nothing, "`grader new hw1`: a name such as hw6/q1_short_name was asked."),
    "a course over another": (("new-course", ".", "--from", "hw1"), _nothing, "is not an empty folder"),
    "no module to check": (("check", "q7"), _nothing, "There is no module q7*.py in "),
    "an unknown data set": (("data", "fetch", "imagenet"), _nothing, "imagenet"),
    "a data set that is not there to add": (("data", "add", "cifar10", "nowhere"), _nothing, "nowhere"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_one_sentence(course_folder: Path, case: str) -> None:
    """One line on stderr that says what to do, status 2, no traceback, nothing on stdout."""
    words, change, sentence = WRONG_USE[case]
    lay(course_folder / "datasets", {"cifar10.toml": (ROOT / "datasets" / "cifar10.toml").read_bytes()})
    if "class" in words and case != "an empty class":
        lay(course_folder / "class" / "s1", stubs())
    change(course_folder)

    told = typed(*words, folder=course_folder)

    last = told.stderr.strip().splitlines()[-1]
    assert (told.exit_code, told.stdout) == (2, ""), told.output
    assert last.startswith("grader: ")
    assert sentence in last
    assert "Traceback" not in told.output


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


def test_outside_of_courses_the_sentence_says_where_to_go(tmp_path: Path) -> None:
    """No course.toml here or above."""
    told = typed("run", "hw1", folder=tmp_path)

    assert (told.exit_code, told.stdout) == (2, "")
    assert "above it: go to a course's folder or pass --course DIR." in told.stderr


def test_an_unknown_option_is_click_s_own_sentence() -> None:
    """Misspelt options and commands are status 2 as well."""
    assert typed("run", "hw1", "--profil", "full").exit_code == 2
    assert typed("rum").exit_code == 2


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
    _append(f"{HEAD}test_q1_rows.py", '\n\ndef test_more(submission):\n    """More."""\n')(course_folder)

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


def test_verify_says_what_does_not_hold(course_folder: Path) -> None:
    """A mistake file that claims too much fails the command, with what was found instead."""
    path = course_folder / HEAD / "mistakes" / "q1_rows" / "sum_for_mean.py"
    path.write_text(path.read_text(encoding="utf-8").replace("0.5", "0.6"), encoding="utf-8")

    told = typed("verify", "q1_rows", folder=course_folder)

    assert told.exit_code == 1
    assert "FAIL q1_rows sum_for_mean" in told.stdout
    assert "q1a earned 1/2 of its points, 3/5 was asked" in told.stdout
    assert told.stdout.count("ok  ") == 4
    assert told.stderr == "1 proof failed.\n"


def test_an_author_s_afternoon(course_folder: Path) -> None:
    """new, verify, sync, sync --check, new-course: each says what it wrote, and the next one finds it."""
    written = typed("new", "hw6/q1_name", folder=course_folder)
    proved = typed("verify", "hw6/q1", folder=course_folder)
    synced = typed("sync", folder=course_folder)
    checked = typed("sync", "--check", folder=course_folder)
    own = typed("new-course", "mine", "--from", "hw1,hw6", folder=course_folder)
    twice = typed("new-course", "theirs", "--from", "hw1", "--from", "hw6", folder=course_folder)
    empty = typed("new-course", "ours", folder=course_folder)

    assert [told.exit_code for told in (written, proved, synced, checked, own, twice, empty)] == [0] * 7, proved.output
    assert written.stdout.splitlines()[0] == "wrote solutions/hw6/q1_name.py"
    assert proved.stdout.count("ok  ") == 3
    assert "wrote exercises/hw6/q1_name.py" in synced.stdout.splitlines()
    assert checked.stdout == "9 files are what solutions/ generates, and none shows a solution's line.\n"
    assert "holds hw1, hw6. Publish its exercises/ alone; solutions/ is the secret." in own.stdout
    assert "theirs holds hw1, hw6." in twice.stdout
    assert "ours holds no assignment yet: `grader new hw1/q1_name` there. Publish its exercises/ alone" in empty.stdout


def test_a_student_s_evening(tmp_path: Path) -> None:
    """check: ok, no, not written yet, in both languages; hidden checks in an open course; status 1 for a no."""
    folder = lay(tmp_path / "hw1", stubs())
    stub = (folder / "q1_rows.py").read_text(encoding="utf-8")
    wrong = stub.replace('raise NotImplementedError("q1a: not written yet")', "return np.sum(x)")
    (folder / "q1_rows.py").write_text(wrong, encoding="utf-8")

    examples = typed("check", "q1", folder=folder)
    persian = typed("check", "q1", "--lang", "fa", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert (examples.exit_code, persian.exit_code) == (1, 1)
    assert examples.stdout.splitlines()[:5] == [
        "q1_rows.py",
        "  no               1(a)        q1a        mean",
        "      >>> float(mean(np.array([1.0, 2.0, 6.0])))",
        "          asked: 3.0",
        "          yours: 9.0",
    ]
    assert "این مجموع است؛ آن را بر تعداد تقسیم کنید." in persian.stdout
    assert "  تا حدی درست      ۱-الف       q1a        ۱ از ۲\n      خواسته: " in persian.stdout
    assert "  هنوز نوشته نشده  ۱-ب         q1b        ۰ از ۲\n      خواسته: " in persian.stdout


def test_several_modules_are_checked_in_one_go(tmp_path: Path) -> None:
    """Each once, in their order, from more folders than one; a name that is none stops before anything is run."""
    for name in ("hw1", "again"):
        lay(tmp_path / name, stubs())

    told = typed(
        "check", "q2", "q1", "q1_rows.py", "../again/q1", "--hidden", "--course", str(SAMPLE), folder=tmp_path / "hw1"
    )
    refused = typed("check", "q1", "q7", folder=tmp_path / "hw1")

    assert [line for line in told.stdout.splitlines() if not line.startswith(" ")] == [
        *("q1_rows.py", "q1_rows.py", "q2_table.py"),
        *("hidden checks", "hidden checks"),
    ]
    assert [told.stdout.count(f"  {part}        0 of ") for part in ("q1a", "q1b", "q1c", "q2a", "q2b")] == [
        2,
        2,
        2,
        1,
        1,
    ]
    assert (refused.exit_code, refused.stdout) == (2, "")


def test_hidden_checks_say_that_they_run(tmp_path: Path) -> None:
    """In a pipe once, beside the results; what a training tells takes the line's place on a terminal."""
    folder = lay(tmp_path / "hw1", stubs())

    told = typed("check", "q1", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert told.stderr == "The hidden checks are running; where a network is trained, that takes minutes.\n"
    trains = {"part": "q7e", "seconds": 12.3, "said": "epoch 3, loss 0.5 [bold]"}
    assert str(_training(trains, "en")) == "7(e) q7e: your network is being trained, 12 s: epoch 3, loss 0.5 [bold]"
    assert str(_training({"part": "q7e", "seconds": 12.3}, "en")) == "7(e) q7e: your network is being trained, 12 s"
    assert str(_training({"part": "q7e", "ended": 20.0}, "fa")).startswith("آزمون‌های پنهان در حال اجرا هستند")


def test_a_released_folder_has_no_hidden_checks(tmp_path: Path) -> None:
    """A student reads who has them, in their language, and not what only an author could mend."""
    folder = lay(tmp_path / "hw1", stubs())

    english, persian = (typed("check", "q1", "--hidden", "--lang", lang, folder=folder) for lang in ("en", "fa"))
    named = typed("check", "q1", "--hidden", "--course", str(tmp_path), folder=folder)

    assert english.exit_code == persian.exit_code == named.exit_code == 2
    assert english.stderr.startswith("grader: The hidden checks are not in this folder: your instructor has them, ")
    assert "نزد مدرس شما" in persian.stderr
    assert "No course.toml in " in named.stderr


def test_an_endless_loop_is_named(tmp_path: Path) -> None:
    """On stderr while it runs, and by Ctrl-C, which leaves nobody behind."""
    lay(
        tmp_path,
        {"q1_rows.py": b'def mean():\n    """q1a: x\n\n    >>> mean()\n    1\n    """\n    while True: pass\n'},
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "grader", "check"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    named = running.stderr.readline()
    family = below(running.pid, at_least=1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate()

    assert named == "  running          1(a)        q1a        mean\n"
    assert (running.returncode, said) == (130, "Interrupted in mean.\n")
    assert ended(family)


def test_hidden_checks_judge_the_folder_as_it_would_be_handed_in(tmp_path: Path) -> None:
    """A module that imports the one beside it is graded with it, as `run` does; what is left out is said."""
    files = solved()
    folder = lay(tmp_path / "hw1", {**files, "own_rows.py": files["q1_rows.py"], "conftest.py": b""})
    (folder / "q1_rows.py").write_text("from own_rows import *\n", encoding="utf-8")

    told = typed("check", "q1", "--hidden", "--course", str(SAMPLE), folder=folder)

    heading, note, *found = told.stdout.partition("hidden checks")[2].splitlines()
    assert (told.exit_code, heading) == (0, "")
    assert "conftest.py" in note
    verdicts = [re.split(" {2,}", line.strip()) for line in found[::2]]
    assert verdicts == [
        ["right", "1(a)", "q1a", "2 of 2"],
        ["right", "1(b)", "q1b", "2 of 2"],
        ["right", "1(c)", "q1c", "1 of 1"],
    ]
    assert "Asked" not in told.stdout


@pytest.mark.parametrize("named", ["q1_rows.py", "q1_rows", "../hw1/q1", "{folder}/q1_rows.py"])
def test_a_module_is_named_as_it_comes_to_hand(tmp_path: Path, named: str) -> None:
    """By its beginning, by the file that a shell completes, in another folder, by its whole path."""
    folder = lay(tmp_path / "hw1", stubs())

    told = typed("check", named.format(folder=folder), folder=folder)

    assert told.stdout.splitlines()[0] == "q1_rows.py", told.stderr


@pytest.mark.parametrize("named", ["**", "q7", "../hw9/q1", "q1_rows/mean"])
def test_a_module_that_is_not_there_is_said(tmp_path: Path, named: str) -> None:
    """What was looked for, where, and which folder was meant."""
    told = typed("check", named, folder=lay(tmp_path / "hw1", stubs()))

    assert told.exit_code == 2
    assert told.stderr.startswith("grader: There is no module ")


def test_who_checks_in_persian_is_refused_in_persian(tmp_path: Path) -> None:
    """Whoever may not read English reads what to do all the same."""
    folder = lay(tmp_path / "hw1", {"q9_else.py": b"x = 1\n"})

    nothing = typed("check", "q7", "--lang", "fa", folder=folder)
    strange = typed("check", "--hidden", "--lang", "fa", "--course", str(SAMPLE), folder=folder)

    assert (nothing.exit_code, strange.exit_code) == (2, 2)
    assert nothing.stderr == f"grader: در {folder} ماژولی به نام q7*.py نیست؛ به پوشه‌ای مانند exercises/hw5 بروید.\n"
    assert "هیچ‌یک از q9_else سؤالی از" in strange.stderr


def test_what_no_terminal_can_show_is_shown_all_the_same(tmp_path: Path) -> None:
    """Half a character in a student's message is written as Python would write it."""
    raising = 'raise ValueError("\\ud800")'
    folder = lay(tmp_path / "hw1", stubs())
    stub = (folder / "q1_rows.py").read_text(encoding="utf-8")
    written = stub.replace('raise NotImplementedError("q1a: not written yet")', raising)
    (folder / "q1_rows.py").write_text(written, encoding="utf-8")

    half = python("-m", "grader", "check", "q1", cwd=folder)

    assert (half.returncode, half.stderr, "ValueError: \\ud800 (line " in half.stdout) == (1, "", True)


def test_a_release_with_a_roster(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder, zip, nbgrader's source, and a zip a student with their own numbers, the ones that `grader run` uses."""
    monkeypatch.setattr(
        "grader.exchange.generate", lambda course, hw: True
    )  # nbgrader's half is tests/test_exchange.py
    (course_folder / "class.csv").write_text("id,last_name\ns1,A\ns2,B\n", encoding="utf-8")

    told = typed("release", "hw1", "--roster", "class.csv", "--out", "out", folder=course_folder)
    again = typed("release", "hw1", "--out", "out", folder=course_folder)
    own = {}
    for student in ("s1", "s2"):
        with zipfile.ZipFile(course_folder / "out" / "hw1-students" / f"{student}.zip") as book:
            own[student] = book.read("hw1/q2_table.py")

    assert told.exit_code == 0, told.output
    assert "2 students, 2 variants: out/hw1-students; hand out these alone" in told.stdout
    assert "given to nobody" not in told.stderr
    assert "Students have variants of their own: pass --roster" in again.stderr
    assert own["s1"] != own["s2"]
    assert (course_folder / "out" / "hw1" / "q2_table.py").read_bytes() in own.values()
    assert (course_folder / "out" / "hw1.zip").exists()
    assert (course_folder / "nbgrader" / "source" / "hw1" / "hw1.ipynb").exists()
    assert find_course(course_folder).variant_of("hw1", "s2") == 1


def test_variants_that_nobody_is_given_are_named(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question whose numbers have no variants keeps everybody at the first of all the others."""
    monkeypatch.setattr("grader.exchange.generate", lambda course, hw: True)
    (course_folder / "class.csv").write_text("id\ns1\ns2\n", encoding="utf-8")
    rows = course_folder / "solutions" / "hw1" / "q1_rows.py"
    rows.write_text(rows.read_text(encoding="utf-8") + '\nGIVEN = {"n": 3}\n', encoding="utf-8")
    typed("sync", folder=course_folder)

    told = typed("release", "hw1", "--roster", "class.csv", "--out", "out", folder=course_folder)

    assert "2 students, 1 variant: out/hw1-students" in told.stdout
    assert "variants beyond the fewest are given to nobody: q1_rows 1, q2_table 3\n" in told.stderr


def test_who_joins_a_class_with_variants_is_named(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the release: one who is spelt otherwise than before would get a variant too."""
    monkeypatch.setattr("grader.exchange.generate", lambda course, hw: True)
    said = []
    for ids in ("007\n008\n", "007\n", "joe\n008\n", "7\n008\n"):
        (course_folder / "class.csv").write_text(f"id\n{ids}", encoding="utf-8")
        said.append(typed("release", "hw1", "--roster", "class.csv", folder=course_folder).stderr)

    assert ["given a variant now" in each for each in said] == [False, False, True, False]
    assert "not in an earlier roster, so given a variant now: joe\n" in said[2]
    assert "class.csv:2: 7 is no student's id, while 007 is" in said[3]
    assert "7" not in find_course(course_folder).with_variant


def test_whom_no_variant_is_recorded_for_is_named(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Collected without the roster, they would be judged by numbers that they never saw, and nobody would know."""
    monkeypatch.setattr("grader.run._pool", lambda order, heard: NoPool())
    (course_folder / "solutions" / "variants.toml").write_text("[hw1]\ns1 = 1\n", encoding="utf-8")
    for student in ("s1", "77"):
        lay(course_folder / "class" / student, solved())

    collected = typed("collect", "hw1", "--from", "class", folder=course_folder)
    graded = typed("run", "hw1", folder=course_folder)

    for told, opening in ((collected, "note"), (graded, "look again")):
        assert told.exit_code == 0, told.output
        assert f"{opening}: No variant of hw1 is recorded for 77: variant 0 judges them." in told.stderr


WHERE_A_FILE_IS = [
    ("release", "hw1", "--out", "file"),
    ("run", "hw1", "--submissions", "class", "--out", "file"),
    ("essays", "hw1", "--out", "file"),
    ("new-course", "file/x", "--from", "hw1"),
]


@pytest.mark.parametrize("words", WHERE_A_FILE_IS, ids=lambda words: words[0])
def test_a_file_in_a_folder_s_place_is_one_sentence(course_folder: Path, words: tuple[str, ...]) -> None:
    """What the system says of the place that was named, status 2, and the file as it was."""
    (course_folder / "file").write_text("mine", encoding="utf-8")
    lay(course_folder / "class" / "s1", stubs())

    told = python("-m", "grader", *words, cwd=course_folder)

    assert (told.returncode, "Traceback" in told.stderr) == (2, False), told.stderr
    assert "file" in told.stderr.splitlines()[-1]
    assert (course_folder / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("out", ["exercises", "solutions"])
def test_a_release_does_not_write_into_the_course(course_folder: Path, out: str) -> None:
    """Stubs and solutions are not overwritten by mistake."""
    told = typed("release", "hw1", "--out", out, folder=course_folder)

    assert told.exit_code == 2
    assert "belongs to the course; pass another --out" in told.stderr


def test_hand_ins_from_a_folder(course_folder: Path) -> None:
    """collect --from: how many are new, where they are, what was odd, and the command that grades them."""
    lay(course_folder / "class", {"s1/q1_rows.py": b"x = 1\n", "s2.zip": b"PK", "notes.doc": b""})

    told = typed("collect", "hw1", "--from", "class", folder=course_folder)

    assert told.exit_code == 0, told.output
    assert told.stdout == f"2 collected, 0 as before, in {course_folder}/nbgrader/submitted; now `grader run hw1`.\n"
    assert "note: s2: " in told.stderr
    assert "notes.doc was left out" in told.stderr


def test_where_nothing_can_be_collected_nothing_is_ready_to_run(course_folder: Path) -> None:
    """A file lies where the hand-ins should go: each is told, and the status is that of wrong use."""
    lay(course_folder / "class", {"s1/q1_rows.py": b"", "s2/q1_rows.py": b""})
    lay(course_folder / "nbgrader", {"submitted": b""})

    told = typed("collect", "hw1", "--from", "class", folder=course_folder)

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.count("cannot be written") == 2
    assert told.stderr.endswith(
        f"grader: Nothing could be collected into {course_folder}/nbgrader/submitted; the notes above say why.\n"
    )


@pytest.mark.parametrize(
    "words",
    [("run", "hw1", "--submissions", ""), ("essays", "hw1", "--submissions="), ("collect", "hw1", "--from", "")],
    ids=" ".join,
)
def test_an_empty_place_is_not_the_current_folder(course_folder: Path, words: tuple[str, ...]) -> None:
    """A script whose variable is not set grades nobody's files by chance."""
    result = typed(*words, folder=course_folder)

    option = words[2].rstrip("=")
    assert (result.exit_code, result.stderr) == (2, f"grader: {option} is empty: name where the hand-ins lie.\n")


def test_hidden_checks_elsewhere_name_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No package can be installed that would help: what the verifier imports is Linux's own."""
    folder = lay(tmp_path / "hw1", stubs())
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setitem(sys.modules, "grader.checking.verifier", None)

    told = typed("check", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert told.exit_code == 2
    assert "Hidden checks need Linux (WSL2 on Windows" in told.stderr


MISSING = """
import sys

for name in sys.argv[1].split(","):
    sys.modules[name] = None
from grader.cli import main

main(sys.argv[2:])
"""


@pytest.mark.parametrize("words", [["run", "hw1"], ["verify"], ["release", "hw1"], ["doctor"], ["demo"]], ids=str)
def test_without_the_extra_a_command_says_how_to_get_it(course_folder: Path, words: list[str]) -> None:
    """The release's wheel alone: status 2 and not 1, by which `run` says that some checks are ungraded."""
    told = python("-c", MISSING, ",".join(EXTRAS["instructor"]), *words, cwd=course_folder)

    assert told.returncode == 2
    assert re.fullmatch(r"grader: This needs more packages \(\w+ is missing\): pip install .*\n", told.stderr)
    assert told.stderr.endswith('pip install "dlgrader[instructor]".\n')


@pytest.mark.parametrize("words", [["run", "hw1"], ["verify"], ["release", "hw1"], ["doctor"], ["demo"]], ids=str)
def test_on_windows_a_command_names_the_system(course_folder: Path, words: list[str]) -> None:
    """Nothing that could be installed would help there."""
    told = python("-c", MISSING, ",".join(POSIX), *words, cwd=course_folder)

    assert (told.returncode, told.stderr) == (2, "grader: This needs Linux (WSL2 on Windows, a container on macOS).\n")


def test_the_cluster_is_an_extra_of_its_own(course_folder: Path) -> None:
    """Who grades on one machine does without dask; who asks for a cluster reads how to get it."""
    lay(course_folder / "class" / "ada", solved())
    asked = ("run", "hw1", "--submissions", "class", "--cluster", "local")

    told = python("-c", MISSING, "distributed", *asked, cwd=course_folder)

    assert told.returncode == 2
    assert told.stderr.endswith('(distributed is missing): pip install "dlgrader[cluster]".\n')


def test_extras_are_those_of_the_package() -> None:
    """What is missing is looked up in a table: every package that pyproject.toml names is in it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {
        extra: {re.split(r"[>=\[]", line)[0] for line in lines}
        for extra, lines in project["optional-dependencies"].items()
    }

    assert declared["instructor"] <= EXTRAS["instructor"]
    assert declared["cluster"] - {"dask-jobqueue"} <= EXTRAS["cluster"]  # the course's own script imports that


def test_a_module_of_our_own_is_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip of ours stays a traceback that can be reported."""
    monkeypatch.setitem(sys.modules, "grader.doctor", None)

    assert isinstance(typed("doctor").exception, ModuleNotFoundError)


def test_hidden_checks_need_a_course_that_has_them(tmp_path: Path) -> None:
    """Modules of another course are said as such."""
    folder = lay(tmp_path / "hw1", {"q9_else.py": b"x = 1\n"})

    told = typed("check", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert told.exit_code == 2
    assert "None of q9_else is a question of " in told.stderr


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


@pytest.mark.parametrize("command", ["verify", "doctor"])
def test_every_command_says_that_it_was_interrupted(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Ctrl-C is no failed proof, nor a machine without isolation: a status of its own, as `run` has it."""

    def interrupted(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.checking.verifier.Verifier", interrupted)
    monkeypatch.setattr("grader.doctor.examine", interrupted)

    told = CliRunner().invoke(main, [command, "--course", str(SAMPLE)])

    assert (told.exit_code, told.stderr) == (130, "Interrupted.\n")


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


def test_a_training_is_told_while_it_runs() -> None:
    """Whose it is, what it says, how long it runs by the clock, and still takes by those that have ended."""
    clock = [100.0]
    trainings = Trainings(now=lambda: clock[0])

    trainings.heard("s1", {"part": "q7e", "seconds": 3.2, "said": "epoch 2, loss 1.5"})
    assert trainings.line == "s1 trains q7e: epoch 2, loss 1.5, 3 s"
    clock[0] += 30
    assert trainings.line == "s1 trains q7e: epoch 2, loss 1.5, 33 s"
    trainings.heard("s1", {"part": "q7e", "ended": 60.0})
    assert trainings.line == ""

    trainings.heard("s2", {"part": "q7e", "seconds": 20.0, "said": "epoch 1"})
    assert trainings.line == "s2 trains q7e: epoch 1, 20 s, about 40 s left"
    trainings.heard("s3", {"part": "q4d", "seconds": 70.0})
    assert trainings.line == "s3 trains q4d, 70 s"
    trainings.graded("s3")  # without having said that it ended: it was killed
    assert trainings.line == "s2 trains q7e: epoch 1, 20 s, about 40 s left"


class NoPool:
    """Grades nobody."""

    checks, isolation, gpu, remarks = (), 3, "", ()

    def grade(self, tasks: Any) -> Iterator[Any]:
        return iter(())

    def close(self) -> None: ...


MARKED = "z:key:[red][link=mailto:x@y]"  # an id that can name a file


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
    monkeypatch.setattr("grader.run.run", run)

    told = typed("run", "hw1", "--course", str(SAMPLE), folder=tmp_path)

    assert MARKED in told.stderr


@pytest.mark.parametrize(
    "words", [("run", "hw1", "--submissions", "nowhere"), ("collect", "hw1", "--from", "nowhere"), ("collect", "hw1")]
)
def test_a_refusal_is_its_sentence_alone(course_folder: Path, words: tuple[str, ...]) -> None:
    """In a pipe no bar that stands still comes before it, and no warning of nbgrader's."""
    told = python("-m", "grader", *words, cwd=course_folder)

    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (2, "", 1)
    assert told.stderr.startswith("grader: ")


def test_a_line_is_one_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A log can be searched for it, however much it says: the first line, and what the machine lacks."""
    pool = SimpleNamespace(isolation=3, gpu="NVIDIA A100 " * 10, remarks=["No namespaces " * 10 + "here."])

    def run(order: Order, begin: Any, advance: Any, heard: Any) -> Summary:
        begin(1, pool)
        return Summary()

    monkeypatch.setattr("grader.run.run", run)

    first, remark, *_ = typed("run", "hw1", "--course", str(SAMPLE), folder=tmp_path).stderr.splitlines()

    assert first.startswith("hw1: 1 hand-in, profile quick")
    assert first.endswith("limits")
    assert remark.endswith("here.")


def test_collecting_shows_ids_as_they_are(course_folder: Path) -> None:
    """Its bar too."""
    lay(course_folder / "class" / MARKED, solved())

    told = typed("collect", "hw1", "--from", "class", folder=course_folder)

    assert f"collecting {MARKED}" in told.stderr


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

    _tell_changes(
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

    _tell_changes(SimpleNamespace(folder=tmp_path), Summary(changes=changes, scores={c.student: 1.0 for c in changes}))
    lines = capsys.readouterr().out.splitlines()
    same = Change("s1", "q1", "q1a", "test_a", "unwritten", "failed", 0.0, 0.0, "the hand-in")
    _tell_changes(SimpleNamespace(folder=tmp_path), Summary(changes=[same], scores={"s1": 0.0}))

    assert [line for line in lines if "more" in line] == ["  and 10 more"] * 2
    assert capsys.readouterr().out == ""
