"""Every command: it explains itself, wrong use is one sentence and status 2, Ctrl-C is quiet."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader import __version__
from grader.cli import main
from grader.cli.options import EXTRAS, POSIX
from tests.commandline import HEAD, RUN, append, typed
from tests.sample_course import ROOT, SAMPLE, lay, python, solved, stubs


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


def _nothing(root: Path) -> None: ...


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
        append(f"{HEAD}q1_rows.py", "\n\ndef more():\n    # BEGIN SOLUTION\n    pass\n"),
        "the region is left open; close it with # END SOLUTION",
    ),
    "a stub out of step": (
        ("sync", "--check"),
        append("exercises/hw1/q1_rows.py", "x = 1\n"),
        "q1_rows.py is not what solutions/hw1 generates; run `grader sync hw1`.",
    ),
    "a stub that somebody wrote in": (
        ("sync",),
        append("exercises/hw1/q1_rows.py", "x = 1\n"),
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


def test_outside_of_courses_the_sentence_says_where_to_go(tmp_path: Path) -> None:
    """No course.toml here or above."""
    told = typed("run", "hw1", folder=tmp_path)

    assert (told.exit_code, told.stdout) == (2, "")
    assert "above it: go to a course's folder or pass --course DIR." in told.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--nope",), "No such option '--nope'. See `main --help`."),
        (("rum",), "No such command 'rum'. Did you mean 'run'? See `main --help`."),
        (("run",), "Missing argument 'HW'. See `main run --help`."),
        (("run", "hw1", "hw2"), "Got unexpected extra argument (hw2). See `main run --help`."),
        (
            ("run", "hw1", "--profil", "full"),
            "No such option '--profil'. Did you mean '--profile'? See `main run --help`.",
        ),
        (("run", "hw1", "--out"), "Option '--out' requires an argument. See `main --help`."),
        (("data", "fetch"), "Missing argument 'NAME'. See `main data fetch --help`."),
        (
            ("export", "hw1"),
            "Missing argument '{moodle|canvas|gradescope|csv}'. Choose from: moodle, canvas, gradescope, csv. "
            "See `main export --help`.",
        ),
    ],
)
def test_words_that_no_command_takes_are_told_in_one_line(words: tuple[str, ...], sentence: str) -> None:
    """Misspelt commands and options, and what is missing or too much, are status 2 with one sentence."""
    told = typed(*words)

    assert (told.exit_code, told.stdout, told.stderr) == (2, "", f"grader: {sentence}\n")


@pytest.mark.parametrize("words", [(), ("data",)])
def test_who_types_no_command_reads_which_there_are(words: tuple[str, ...]) -> None:
    """The help is what was asked for."""
    told = typed(*words)

    assert told.exit_code == 2
    assert told.stderr.startswith("Usage: ")
    assert "Commands:\n" in told.stderr


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


@pytest.mark.parametrize(
    "words",
    [
        ("run", "hw1", "--submissions", ""),
        ("essays", "hw1", "--submissions="),
        ("collect", "hw1", "--from", ""),
        ("run", "hw1", "--out", ""),
        ("run", "hw1", "--data="),
        ("report", "hw1", "--course", ""),
        ("release", "hw1", "--roster="),
    ],
    ids=" ".join,
)
def test_an_empty_place_is_not_the_current_folder(course_folder: Path, words: tuple[str, ...]) -> None:
    """A script whose variable is not set grades nobody's files by chance."""
    result = typed(*words, folder=course_folder)

    option = words[2].rstrip("=")
    assert (result.exit_code, result.stderr) == (2, f"grader: {option} is empty: name a folder or a file.\n")


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


@pytest.mark.parametrize("words", [["run", "hw1"], ["verify"], ["doctor"], ["demo"]], ids=str)
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


@pytest.mark.parametrize("command", ["verify", "doctor"])
def test_every_command_says_that_it_was_interrupted(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Ctrl-C is no failed proof, nor a machine without isolation: a status of its own, as `run` has it."""

    def interrupted(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.checking.verifier.Verifier", interrupted)
    monkeypatch.setattr("grader.doctor.examine", interrupted)

    told = CliRunner().invoke(main, [command, "--course", str(SAMPLE)])

    assert (told.exit_code, told.stderr) == (130, "Interrupted.\n")


@pytest.mark.parametrize(
    "words", [("run", "hw1", "--submissions", "nowhere"), ("collect", "hw1", "--from", "nowhere"), ("collect", "hw1")]
)
def test_a_refusal_is_its_sentence_alone(course_folder: Path, words: tuple[str, ...]) -> None:
    """In a pipe no bar that stands still comes before it, and no warning of nbgrader's."""
    told = python("-m", "grader", *words, cwd=course_folder)

    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (2, "", 1)
    assert told.stderr.startswith("grader: ")
