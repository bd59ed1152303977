"""`grader check`: examples and hidden checks, what is typed and what is told."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from shutil import rmtree

import pytest

from grader.cli.student import _training
from tests.commandline import typed
from tests.processes import below, ended
from tests.sample_course import ENVIRONMENT, SAMPLE, lay, python, solved, stubs


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


def test_a_course_published_without_its_solutions_has_no_hidden_checks(course_folder: Path) -> None:
    """A course.toml beside exercises/ does not make them anybody's."""
    rmtree(course_folder / "solutions")

    told = typed("check", "q1", "--hidden", folder=course_folder / "exercises" / "hw1")

    assert told.exit_code == 2
    assert told.stderr.startswith("grader: The hidden checks are not in this folder: your instructor has them, ")


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


def test_who_asks_for_a_part_is_told_which_modules_there_are(tmp_path: Path) -> None:
    """Parts have names such as q1a, and so has the table of the statement; modules are asked for."""
    folder = lay(tmp_path / "hw1", stubs())

    told = typed("check", "q1a", folder=folder)

    assert told.exit_code == 2
    assert told.stderr == f"grader: There is no module q1a*.py in {folder}; these are there: q1_rows.py, q2_table.py.\n"


@pytest.mark.parametrize("named", ["hw1", "hw1/", "./hw1"])
def test_a_folder_stands_for_its_modules(tmp_path: Path, named: str) -> None:
    """Whoever sits one folder above the hand-out checks it as from inside."""
    folder = lay(tmp_path / "hw1", stubs())

    assert typed("check", named, folder=tmp_path).stdout == typed("check", folder=folder).stdout


def test_who_checks_in_persian_is_refused_in_persian(tmp_path: Path) -> None:
    """Whoever may not read English reads what to do all the same."""
    folder = lay(tmp_path / "hw1", {"q9_else.py": b"x = 1\n"})

    nothing = typed("check", "--lang", "fa", folder=tmp_path)
    strange = typed("check", "--hidden", "--lang", "fa", "--course", str(SAMPLE), folder=folder)

    assert (nothing.exit_code, strange.exit_code) == (2, 2)
    assert nothing.stderr == (
        f"grader: در {tmp_path} ماژولی به نام q*.py نیست؛ به پوشه‌ای بروید که ماژول‌ها در آن هستند، مانند hw5.\n"
    )
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


def test_hidden_checks_elsewhere_name_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No package can be installed that would help: what the verifier imports is Linux's own."""
    folder = lay(tmp_path / "hw1", stubs())
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setitem(sys.modules, "grader.checking.verifier", None)

    told = typed("check", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert told.exit_code == 2
    assert "Hidden checks need Linux (WSL2 on Windows" in told.stderr


def test_hidden_checks_need_a_course_that_has_them(tmp_path: Path) -> None:
    """Modules of another course are said as such."""
    folder = lay(tmp_path / "hw1", {"q9_else.py": b"x = 1\n"})

    told = typed("check", "--hidden", "--course", str(SAMPLE), folder=folder)

    assert told.exit_code == 2
    assert "None of q9_else is a question of " in told.stderr


def test_a_course_without_cards_says_so(course_folder: Path) -> None:
    """An empty list would be taken for a command that does nothing."""
    (course_folder / "datasets").mkdir()

    told = typed("data", "list", folder=course_folder)

    assert (told.exit_code, told.stdout) == (0, f"No data sets: there is no card in {course_folder / 'datasets'}.\n")
