"""`grader release` and `collect`: what is typed, what is told, and the exit status."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader.course import find_course
from tests.commandline import MARKED, NoPool, typed
from tests.sample_course import lay, solved


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
    assert told.stdout.endswith("in it are the numbers of variant 0, not each student's own\n")
    assert again.stdout.endswith("is ready for `nbgrader release_assignment hw1`\n")
    assert "given to nobody" not in told.stderr
    assert "Students have variants of their own: pass --roster" in again.stderr
    assert own["s1"] != own["s2"]
    assert (course_folder / "out" / "hw1" / "q2_table.py").read_bytes() in own.values()
    assert (course_folder / "out" / "hw1.zip").exists()
    assert (course_folder / "nbgrader" / "source" / "hw1" / "hw1.ipynb").exists()
    assert find_course(course_folder).variant_of("hw1", "s2") == 1


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


def test_collecting_shows_ids_as_they_are(course_folder: Path) -> None:
    """Its bar too."""
    lay(course_folder / "class" / MARKED, solved())

    told = typed("collect", "hw1", "--from", "class", folder=course_folder)

    assert f"collecting {MARKED}" in told.stderr
