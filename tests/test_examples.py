"""The student's own half: the examples of a module, on any system, with the core packages alone."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest

import grader.examples
from grader.examples import GIVEN, NO, OK, RUNNING, UNWRITTEN, Result, check_module, results_of
from grader.phrases import phrase
from grader.records import Text
from tests.sample_course import ROOT, SAMPLE, lay, python, stubs


def results(folder: Path, text: str) -> list[Result]:
    path = folder / "q1_tried.py"
    path.write_text(text, encoding="utf-8")
    return [result for result in check_module(path) if result.state != RUNNING]


def test_each_function_has_its_result_in_the_module_s_order() -> None:
    """Part, name, and one of three words."""
    found = [*check_module(SAMPLE / "solutions" / "hw1" / "q1_rows.py")]

    assert found == [Result("q1a", "mean", OK), Result("q1b", "centred", OK), Result("q1c", "half", OK)]


def test_a_stub_is_not_written_yet() -> None:
    """NotImplementedError and cells still `...` are no mistakes."""
    found = [*check_module(SAMPLE / "exercises" / "hw1" / "q1_rows.py")]

    assert [(result.state, result.told) for result in found] == [(UNWRITTEN, Text(""))] * 3


EXAMPLE = 'def f(x):\n    """q1a: twice x.\n\n    >>> f(2)\n    4\n    """\n    {}\n'


def test_a_wrong_value_is_shown_beside_the_one_that_was_asked(tmp_path: Path) -> None:
    """The first example that fails, in three lines."""
    (found,) = results(tmp_path, EXAMPLE.format("return 3 * x"))

    assert found.told == Text(">>> f(2)\n    asked: 4\n    yours: 6", ">>> f(2)\n    خواسته: 4\n    پاسخ شما: 6")


def test_an_exception_is_told_with_its_line(tmp_path: Path) -> None:
    """What was raised, and where in the student's own file."""
    (found,) = results(tmp_path, EXAMPLE.format("return x / 0"))

    assert found.told.en == ">>> f(2)\n    ZeroDivisionError: division by zero (line 7)"


def test_an_exception_without_a_text_is_told_by_its_name(tmp_path: Path) -> None:
    """A bare assert has nothing to say behind a colon."""
    (found,) = results(tmp_path, EXAMPLE.format("assert x > 2"))

    assert found.told.en == ">>> f(2)\n    AssertionError (line 7)"


def test_what_a_stub_brings_along_is_given_and_not_ok(tmp_path: Path) -> None:
    """Nothing was written there; who has broken it reads so, and a docstring that only begins alike is none of it."""
    given = EXAMPLE.replace("q1a: twice", "q1a: given to you: twice")
    asked = EXAMPLE.replace("q1a: twice", "q1a: given to you, twice")
    found = [
        results(tmp_path, text.format(f"return {factor} * x"))[0].state
        for text, factor in ((given, 2), (given, 3), (asked, 2))
    ]

    assert found == [GIVEN, NO, OK]


OPEN = {
    "the stub's own line": "raise NotImplementedError('q1a: not written yet')",
    "an open answer": "return ...",
    "an open cell": "return [[1, 2], [3, ...]]",
    "an open entry": "return {'first': (1, 2), 'second': ...}",
}


@pytest.mark.parametrize("body", OPEN)
@pytest.mark.parametrize("example", ["f(2)", "int(f(2)) + 1", "f(2) is None"])
def test_what_is_not_written_is_no_mistake(tmp_path: Path, body: str, example: str) -> None:
    """However it is left open, and whatever the example does with it: even where the example happens to hold."""
    text = EXAMPLE.format(OPEN[body]).replace(">>> f(2)\n    4", f">>> {example}\n    False")

    (found,) = results(tmp_path, text)

    assert (found.state, found.told) == (UNWRITTEN, Text(""))


BROKEN = {
    "a syntax error": ("def f(:\n", "^SyntaxError: invalid syntax \\(line 1\\)\n    def f\\(:$"),
    "a syntax error elsewhere": (
        "from mistyped import f\n",
        "^SyntaxError: invalid syntax \\(mistyped.py, line 1\\) \\(line 1\\)$",
    ),
    "a missing module": ("x = 1\nimport numpi\n", "ModuleNotFoundError: No module named 'numpi' \\(line 2\\)"),
    "an exit at the top": ("raise SystemExit(3)\n", "SystemExit: 3 \\(line 1\\)"),
    "a question at the top": ("name = input('who?')\n", "EOFError: .*\\(line 1\\)"),
    "an end of the process": (
        "import os\nos._exit(7)\n",
        "The module ended Python while its examples ran \\(exit status 7\\)",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_module_that_cannot_be_imported_is_one_result(tmp_path: Path, case: str) -> None:
    """One sentence with its line; the check itself goes on."""
    text, sentence = BROKEN[case]
    (tmp_path / "mistyped.py").write_text("def f(:\n", encoding="utf-8")

    (found,) = results(tmp_path, text)

    assert (found.part, found.name, found.state) == ("", "q1_tried", NO)
    assert re.search(sentence, found.told.en), found.told


def test_a_module_that_is_not_utf8_is_told_to_be_saved_so(tmp_path: Path) -> None:
    """UTF-16 is what Windows calls Unicode: what to do is said, and not what Python says about null bytes."""
    (tmp_path / "q1_wide.py").write_bytes(EXAMPLE.format("return 2 * x").encode("utf-16"))

    (found,) = check_module(tmp_path / "q1_wide.py")

    assert found == Result("", "q1_wide", NO, phrase("unpack.encoding", name="q1_wide.py", encoding="UTF-16"))


def test_a_module_that_hangs_is_said_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is told in seconds, in the student's language."""
    monkeypatch.setattr(grader.examples, "SECONDS", 1)

    (found,) = results(tmp_path, "while True:\n    pass\n")

    assert found.state == NO
    assert found.told.en == "The examples ran longer than 1 seconds and were stopped."
    assert "بیش از ۱ ثانیه" in found.told.fa


ENDLESS = EXAMPLE.format("return 2 * x") + "\n\n" + EXAMPLE.format("while True: pass").replace("f(", "g(")


def test_a_function_that_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs, and when it is stopped; what came before it has its result."""
    monkeypatch.setattr(grader.examples, "SECONDS", 1)
    monkeypatch.setattr(grader.examples, "PATIENCE", 0)
    (tmp_path / "q1_tried.py").write_text(ENDLESS, encoding="utf-8")

    *before, running, stopped = check_module(tmp_path / "q1_tried.py")

    assert before[-1] == Result("q1a", "f", OK)
    assert running == Result("q1a", "g", RUNNING)
    assert (stopped.name, stopped.state) == ("g", NO)
    assert "longer than 1 seconds" in stopped.told.en


def test_a_function_that_ends_python_is_named(tmp_path: Path) -> None:
    """With its exit status, 0 too, after the results of those before it."""
    ending = ENDLESS.replace("while True: pass", "__import__('os')._exit(0)")

    first, last = results(tmp_path, ending)

    assert first == Result("q1a", "f", OK)
    assert (last.name, last.state) == ("g", NO)
    assert "(exit status 0)" in last.told.en


def test_what_ends_python_after_the_last_result_is_no_mistake(tmp_path: Path) -> None:
    """Whatever the module leaves behind for Python's end, a thread that never ends too."""
    leaving = "import atexit, os, threading\n{}\n\n\n" + EXAMPLE.format("return 2 * x")

    for left in ("atexit.register(os._exit, 7)", "threading.Thread(target=threading.Event().wait).start()"):
        assert results(tmp_path, leaving.replace("{}", left)) == [Result("q1a", "f", OK)]


def test_private_functions_and_examples_at_the_top_are_left_alone(tmp_path: Path) -> None:
    """Examples are for what a student was asked to write."""
    text = '"""A module.\n\n>>> 1\n2\n"""\n\n\n' + EXAMPLE.format("return 2 * x").replace("f(", "_f(")

    assert results(tmp_path, text) == []


def test_a_method_s_examples_stand_under_its_class(tmp_path: Path) -> None:
    """`Net.forward` is named whole."""
    text = (
        'class Net:\n    def forward(self, x):\n        """q1b: x.\n\n        >>> Net().forward(1)\n        1\n'
        '        """\n        return x\n'
    )

    assert results(tmp_path, text) == [Result("q1b", "Net.forward", OK)]


def test_what_one_module_does_stays_in_its_process(tmp_path: Path) -> None:
    """Nothing is left behind in the one that asked."""
    results(tmp_path, "import math\nmath.pi = 3\n" + EXAMPLE.format("return 2 * x"))

    assert round(math.pi, 2) == 3.14


def test_a_module_may_import_the_one_beside_it(tmp_path: Path) -> None:
    """Helpers in a file of one's own are found."""
    (tmp_path / "own_tools.py").write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")

    assert results(tmp_path, "from own_tools import twice\n\n\n" + EXAMPLE.format("return twice(x)"))[0].state == OK


def test_results_are_the_same_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child does nothing but write down what `results_of` finds."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "q2_table", raising=False)
    found = results_of(SAMPLE / "solutions" / "hw1" / "q2_table.py")
    sys.modules.pop("q2_table")

    assert found == [Result("q2a", "table", OK), Result("q2b", "total", OK)]


@pytest.mark.parametrize("state", [OK, NO, UNWRITTEN, GIVEN, RUNNING])
def test_each_state_has_a_word_in_both_languages(state: str) -> None:
    """What stands at the beginning of a line of `grader check`."""
    word = phrase(f"practice.{state}")

    assert word.en
    assert word.fa != word.en


ELSEWHERE = """# Another system: Python starts with this file, in the process and in every child of it.
import os, sys

for name in {missing}:
    sys.modules[name] = None
for name in ("fork", "forkpty", "setsid", "register_at_fork", "pidfd_open"):
    if hasattr(os, name):
        delattr(os, name)
"""
POSIX = ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "syslog")
INSTRUCTOR = ("pytest", "nbgrader", "nbformat", "msgpack", "safetensors", "jinja2")


def system_without(folder: Path, missing: tuple[str, ...]) -> dict[str, str]:
    """The environment of a machine without these modules; its files are in `folder`."""
    (folder / "system").mkdir()
    (folder / "system" / "sitecustomize.py").write_text(ELSEWHERE.format(missing=missing), encoding="utf-8")
    return {"PYTHONPATH": f"{folder / 'system'}:{ROOT}", "XDG_DATA_HOME": str(folder / "data")}


@pytest.fixture
def another_system(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without fork, resource, fcntl and pwd, and without the instructor's packages."""
    return system_without(tmp_path, (*POSIX, *INSTRUCTOR))


def test_the_other_system_is_another_one(tmp_path: Path, another_system: dict[str, str]) -> None:
    """The two tests below would show nothing if these were still there."""
    code = (
        "import os\nassert not hasattr(os, 'fork')\ntry:\n    import resource\nexcept ImportError:\n    print('gone')\n"
    )

    assert python("-c", code, cwd=tmp_path, **another_system).stdout == "gone\n"


def test_checking_needs_nothing_that_only_posix_has(tmp_path: Path, another_system: dict[str, str]) -> None:
    """`grader check` on Windows: a stub folder gets its results, as it does here."""
    folder = lay(tmp_path / "hw1", stubs())
    stub = (folder / "q1_rows.py").read_text(encoding="utf-8")
    written = stub.replace('raise NotImplementedError("q1a: not written yet")', "return np.sum(x) / len(x)")
    (folder / "q1_rows.py").write_text(written, encoding="utf-8")

    there = python("-m", "grader", "check", cwd=folder, **another_system)
    here = python("-m", "grader", "check", cwd=folder)

    assert (there.returncode, there.stderr) == (0, "")
    assert there.stdout == here.stdout
    assert [line.split()[-2:] for line in there.stdout.splitlines() if line.startswith("  ")] == [
        *(["q1a", "mean"], ["q1b", "centred"], ["q1c", "half"], ["q2a", "table"], ["q2b", "total"])
    ]
    assert there.stdout.count("not written yet") == 4


def test_data_sets_need_nothing_that_only_posix_has(tmp_path: Path, another_system: dict[str, str]) -> None:
    """`grader data list` and the loaders' stand-ins work there too."""
    told = python("-m", "grader", "data", "list", "--course", str(ROOT), cwd=tmp_path, **another_system)
    assert (told.returncode, told.stderr, "cifar10" in told.stdout) == (0, "", True)

    code = (
        "from pathlib import Path; from grader.data.loaders import load; "
        f"print(load('mnist', datasets=Path({str(ROOT / 'datasets')!r}), data_dir=None, profile='quick').source)"
    )
    loaded = python("-c", code, cwd=tmp_path, **another_system)
    assert (loaded.returncode, loaded.stdout) == (0, "stand-in\n"), loaded.stderr


def test_what_a_release_brings_along_is_enough_for_its_data(tmp_path: Path) -> None:
    """A student has cards and no course.toml: `grader data` finds them from the homework's folder and below it."""
    folder = lay(tmp_path / "hw5", {"datasets/mnist.toml": (ROOT / "datasets" / "mnist.toml").read_bytes(), "a/b": b""})

    for here in (folder, folder / "a"):
        told = python("-m", "grader", "data", "list", cwd=here)

        assert (told.returncode, told.stdout.split()[0], told.stderr) == (0, "mnist", "")


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ((*POSIX, *INSTRUCTOR), "grader: This needs Linux (WSL2 on Windows, a container on macOS).\n"),
        (INSTRUCTOR, 'grader: This needs more packages (msgpack is missing): pip install "dlgrader[instructor]".\n'),
    ],
    ids=["system", "packages"],
)
def test_hidden_checks_say_what_they_need(tmp_path: Path, missing: tuple[str, ...], told: str) -> None:
    """One sentence: another system where no package would help, else which package is missing and how to get it."""
    folder, system = lay(tmp_path / "hw1", stubs()), system_without(tmp_path, missing)

    found = python("-m", "grader", "check", "q2", "--hidden", "--course", str(SAMPLE), cwd=folder, **system)

    assert (found.returncode, found.stderr) == (2, told)
