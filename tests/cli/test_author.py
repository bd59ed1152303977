"""`grader new`, `sync`, `verify`: an author's afternoon."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from grader.errors import CourseError
from tests.commandline import HEAD, typed


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


def test_a_terminal_is_told_that_verify_warms_up(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first proof comes seconds later."""

    def refused(*_: object, **__: object) -> NoReturn:
        raise CourseError("No check.")

    monkeypatch.setattr("grader.checking.verifier.Verifier", refused)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich's own way to say that it is one

    told = typed("verify", "q1_rows", folder=course_folder)

    assert "warming up" in told.stderr
    assert told.stderr.endswith("grader: No check.\n")


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
    assert "holds hw1, hw6. Publish its exercises/ alone; solutions/ is the secret. Its title and term" in own.stdout
    assert "theirs holds hw1, hw6." in twice.stdout
    assert "ours holds no assignment yet: `grader new hw1/q1_name` there. Publish its exercises/ alone" in empty.stdout


def test_a_course_begins_where_there_is_none(tmp_path: Path) -> None:
    """Who has installed the engine alone makes an empty one; what is to be copied has to come from somewhere."""
    empty = typed("new-course", "ours", folder=tmp_path)
    written = typed("new", "hw1/q1_name", folder=tmp_path / "ours")
    proved = typed("verify", folder=tmp_path / "ours")
    copied = typed("new-course", "theirs", "--from", "hw1", folder=tmp_path)

    assert [told.exit_code for told in (empty, written, proved, copied)] == [0, 0, 0, 2], proved.output
    assert proved.stdout.count("ok  ") == 3
    assert "No course.toml in" in copied.stderr
    assert not (tmp_path / "theirs").exists()
