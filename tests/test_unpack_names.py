"""Which files of a hand-in count, and under which names; what is left out is said."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import Assignment
from grader.encodings import encoding_note
from grader.unpack import MOST_NOTES
from tests.sample_course import lay
from tests.small_assignment import MODULE, said, unpacked, zipped


def hand_in(folder: Path, name: str, packed: bool) -> None:
    """A module with another file beside it, in a folder or in an archive there."""
    files = {"q1_sums.py": MODULE, name: b"x"}
    lay(folder, {"a.zip": zipped(files)} if packed else files)


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.py",
        ".git/config",
        ".ipynb_checkpoints/q1_sums-checkpoint.py",
        "__pycache__/q1_sums.cpython-311.pyc",
        "sub/__pycache__/x.py",
        "q1_sums.pyc",
        "Thumbs.db",
        "timestamp.txt",
        "submission_secret.txt",
        "dlgrader-0.1.0-py3-none-any.whl",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_litter_is_left_out_silently(packed: bool, name: str, s1: Path, assignment: Assignment) -> None:
    """Hidden files, caches, checkpoints, nbgrader's own files and the release's wheel are nobody's work."""
    hand_in(s1, name, packed)

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    assert submission.notes == ()


@pytest.mark.parametrize(
    "name",
    [
        "conftest.py",
        "sub/conftest.py",
        "CONFTEST.PY",
        "pytest.ini",
        "tox.ini",
        "setup.cfg",
        "pyproject.toml",
        "sitecustomize.py",
        "usercustomize.py",
        "evil.pth",
        "sub/model.pth",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_settings_for_python_and_pytest_are_left_out(packed: bool, name: str, s1: Path, assignment: Assignment) -> None:
    """What would change how Python or pytest behaves never comes near them, and the student is told."""
    hand_in(s1, name, packed)

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    assert said(submission) == [
        f"{name} was left out: settings for Python or pytest and .pth files are never used in grading."
    ]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("numpy.py", "numpy"),
        ("torch/__init__.py", "torch"),
        ("torch/nn.py", "torch"),
        ("random.py", "random"),
        ("PIL.so", "PIL"),
        ("sympy.cpython-311-x86_64-linux-gnu.so", "sympy"),
        ("grader/points.py", "grader"),
    ],
)
def test_what_would_hide_a_library_is_left_out(name: str, module: str, s1: Path, assignment: Assignment) -> None:
    """numpy.py in a hand-in would be imported in numpy's place: it is left out and named once."""
    lay(s1, {"q1_sums.py": MODULE, name: b"x"})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    top = name.split("/")[0]
    assert said(submission) == [f"{top} was left out: it would hide the library {module}; give it another name."]


@pytest.mark.parametrize("name", ["numpy.txt", "random.csv", "sub/numpy.py", "test.py", "numpy_own.py", "my.random.py"])
def test_what_hides_nothing_is_kept(name: str, s1: Path, assignment: Assignment) -> None:
    """Data files with such names, modules in folders, and a student's test.py hide no library."""
    lay(s1, {"q1_sums.py": MODULE, name: b""})

    assert unpacked(s1, assignment).files == {"q1_sums.py": MODULE, name: b""}


def test_a_questions_own_module_hides_nothing(s1: Path, assignment: Assignment) -> None:
    """A course may have a question with a library's name; its module is what was asked for."""
    queue = replace(assignment.questions[0], id="queue")
    lay(s1, {"queue.py": MODULE})

    assert unpacked(s1, replace(assignment, questions=(queue,))).files == {"queue.py": MODULE}


def test_links_and_pipes_in_a_folder_are_left_out_and_named(s1: Path, tmp_path: Path, assignment: Assignment) -> None:
    """A link to another student's module and a FIFO are neither followed nor waited for; the rest is graded."""
    lay(tmp_path / "s2", {"q2_rows.py": b"not yours"})
    lay(s1, {"q1_sums.py": MODULE})
    (s1 / "q2_rows.py").symlink_to(tmp_path / "s2" / "q2_rows.py")
    (s1 / "all").symlink_to(tmp_path / "s2")
    os.mkfifo(s1 / "pipe")

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    assert [note.split(" ")[0] for note in said(submission)] == ["all", "pipe", "q2_rows.py"]


def test_a_file_with_an_odd_name_is_left_out(s1: Path, assignment: Assignment) -> None:
    """In a folder an odd name costs its file only, and the note shows the name as an escape."""
    lay(s1, {"q1_sums.py": MODULE, "q2\u202eyp.txt": b"", "a\\b.py": b""})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    assert any("q2\\u202eyp.txt was left out" in note for note in said(submission))


def test_names_in_a_folder_are_composed_and_alone(s1: Path, assignment: Assignment) -> None:
    """A name comes in NFC; of two files that are one name then, the first stays and the other is named."""
    lay(s1, {"e\u0301.txt": b"1", "\u00e9.txt": b"2"})

    submission = unpacked(s1, assignment)

    assert submission.files == {"\u00e9.txt": b"1"}
    assert len(said(submission)) == 1


def test_an_empty_folder_is_a_submission_with_a_note(s1: Path, assignment: Assignment) -> None:
    """Nothing handed in is no error: every check will find its function missing."""
    submission = unpacked(s1, assignment)

    assert submission.files == {}
    assert said(submission) == ["The hand-in holds no file that could be graded."]


@pytest.mark.parametrize("name", ["q1_sums (1).py", "q1_sums-1.py", "q1_sums_2.py", "q1_sums(12).py"])
def test_a_renamed_download_is_taken_for_the_module(name: str, s1: Path, assignment: Assignment) -> None:
    """Browsers and Canvas number copies; where the module itself is missing, the one copy is graded and it is said."""
    lay(s1, {name: MODULE})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE}
    assert said(submission) == [f"{name} was graded as q1_sums.py."]


@pytest.mark.parametrize(
    "names", [("q1_sums.py", "q1_sums (1).py"), ("q1_sums (1).py", "q1_sums (2).py"), ("q1_sums_old.py",)]
)
def test_copies_do_not_win_by_chance(names: tuple[str, ...], s1: Path, assignment: Assignment) -> None:
    """With the module there, or two copies, or a file that defines nothing that was asked, nothing is renamed."""
    lay(s1, {name: name.encode() for name in names})

    assert unpacked(s1, assignment).files == {name: name.encode() for name in names}


@pytest.mark.parametrize("name", ["alice.py", "q1_sums_old.py", "work/q1_sums.py"])
@pytest.mark.parametrize("card", [{}, {"hw5.ipynb": b"{}"}])
def test_a_lone_module_of_any_name_is_the_one_that_it_answers(
    name: str, card: dict[str, bytes], s1: Path, assignment: Assignment
) -> None:
    """A class's folder of alice.py and bob.py: what defines a question's function is graded as its module, and said."""
    lay(s1, {name: MODULE, "notes.md": b"x", **card})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE, "notes.md": b"x", **card}
    assert said(submission) == [f"{name} was graded as q1_sums.py."]


@pytest.mark.parametrize(
    "files",
    [
        {"alice.py": b"def main():\n    pass\n"},
        {"alice.py": MODULE + b"\ndef rows():\n    return 1\n"},
        {"alice.py": MODULE, "hw5.ipynb": b'{"source": ["def total():\\n"]}'},
        {"alice.py": MODULE, "more.py": MODULE},
    ],
    ids=["nothing asked", "two questions", "the notebook answers", "two files"],
)
def test_modules_that_nobody_can_place_are_named(files: dict[str, bytes], s1: Path, assignment: Assignment) -> None:
    """Student and instructor learn that they were not graded, and what graded modules are called."""
    lay(s1, files)

    submission = unpacked(s1, assignment)

    names = ", ".join(name for name in files if name.endswith(".py"))
    assert submission.files == files
    assert said(submission) == [
        f"No module of hw5 is called {names}: what is graded has the names q1_sums.py, q2_rows.py."
    ]
    assert submission.left_out == submission.notes


@pytest.mark.parametrize(
    ("files", "is_named"),
    [
        ({"q2_rows.py": b"", "sums.py": MODULE}, True),
        ({"q2_rows.py": b"", "old/Sums.PY": MODULE}, True),
        ({"q2_rows.py": b"", "tools.py": b"def help_me():\n    pass\n"}, False),
        ({"q1_sums.py": b"", "q2_rows.py": b"", "sums.py": MODULE}, False),
    ],
    ids=["renamed", "in a folder", "a helper", "nothing missing"],
)
def test_what_answers_a_missing_module_is_named_beside_the_others(
    files: dict[str, bytes], is_named: bool, s1: Path, assignment: Assignment
) -> None:
    """One module of several has another name: its marks are not lost in silence, and nobody guesses."""
    lay(s1, files)

    submission = unpacked(s1, assignment)

    name = list(files)[-1]
    told = f"No module of hw5 is called {name}: what is graded has the names q1_sums.py, q2_rows.py."
    assert submission.files == files
    assert said(submission) == [told] * is_named
    assert submission.left_out == submission.notes


def test_modules_beside_a_notebook_of_ones_own_need_no_note(s1: Path, assignment: Assignment) -> None:
    """The answers are in the notebook's cells, which may import helpers."""
    files = {"helper.py": b"x = 1\n", "work.ipynb": b"{}"}
    lay(s1, files)

    submission = unpacked(s1, assignment)

    assert (submission.files, submission.notes) == (files, ())


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("x = 'سلام'".encode("utf-16"), "UTF-16"),
        ("x = 'hello'".encode("utf-16-le"), "UTF-16"),
        ("x = 'سلام گل'".encode("cp1256"), "Windows-1256"),
        ("x = 1\n\n\ny = 'سلام'".encode("cp1256"), "Windows-1256"),
        ("x = 'é'".encode("latin-1"), ""),
        (b"x = 1\n" * 9 + b"\0", ""),
    ],
)
def test_a_module_in_another_encoding_is_kept_and_named(
    content: bytes, encoding: str, s1: Path, assignment: Assignment
) -> None:
    """What Python may not read is kept byte for byte, and the student learns which encoding it seems to be."""
    lay(s1, {"q1_sums.py": content})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": content}
    seems = f" (its encoding seems to be: {encoding})" if encoding else ""
    assert said(submission)[0].startswith(f"q1_sums.py is not saved as UTF-8{seems}, so Python may not read it")


@pytest.mark.parametrize(
    "content",
    [
        "x = 'سلام'".encode(),
        "x = 'سلام'".encode("utf-8-sig"),
        "# -*- coding: cp1256 -*-\nx = 'سلام'".encode("cp1256"),
        b"# coding: rot13\nk = 1",
        b"",
    ],
)
def test_utf8_and_declared_encodings_need_no_note(content: bytes, s1: Path, assignment: Assignment) -> None:
    """UTF-8 with or without a byte order mark, and an encoding that the file declares, are Python's business."""
    lay(s1, {"q1_sums.py": content})

    assert unpacked(s1, assignment).notes == ()


def test_data_that_is_not_text_needs_no_note(s1: Path, assignment: Assignment) -> None:
    """Only modules are looked at for their encoding."""
    lay(s1, {"q1_sums.py": MODULE, "weights.safetensors": b"\xff\xfe\0"})

    assert unpacked(s1, assignment).notes == ()


def test_notes_are_few_enough_to_read(s1: Path, assignment: Assignment) -> None:
    """After ten notes only their number is told."""
    lay(s1, {f"{number}.pth": b"" for number in range(14)})

    notes = said(unpacked(s1, assignment))

    assert len(notes) == MOST_NOTES + 1
    assert notes[-1] == "Remarks of this kind that are not shown: 5."


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_text_of_a_module_is_survived(content: bytes) -> None:
    """No bytes in a module make unpacking fail."""
    note = encoding_note("q1_sums.py", content)

    assert note is None or note.fa
