"""What lies on disk becomes hand-ins, one a student, each with its time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.collect import collect
from grader.course import Assignment
from tests.folders import collected, lay


def test_nbgraders_tree_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """<student>/<assignment>/ is the hand-in; who handed in only other assignments is not listed."""
    lay(tmp_path, "s2/hw5/q1_sums.py", "s1/hw5/q1_sums.py", "s1/hw4/x.py", "s3/hw4/x.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2/hw5"}, [])


def test_the_inbound_folder_of_an_exchange_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """student+assignment+time+secret, and without the secret; a student's name may hold a plus; other sets are left."""
    time = "2026-10-01 09:30:00.123456 UTC"
    names = (f"a+b+hw5+{time}+Ab0-_Ab0-_Ab", f"s1+hw5+{time}", f"s2+hw4+{time}+Ab0-_Ab0-_Ab", f"s3+hw5+{time}+0330")
    lay(tmp_path, *(f"{name}/q1_sums.py" for name in names))

    assert collected(tmp_path, assignment) == ({"a+b": names[0], "s1": names[1], "s3": names[3]}, [])


def test_a_folder_with_a_folder_or_archive_a_student_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """Folders, archives of every suffix, single modules and notebooks each are one student's."""
    lay(tmp_path, "s1/q1_sums.py", "s2.zip", "s3.tar.gz", "s4.tar.xz", "s5.rar", "s6.py", "s7.ipynb", "s8/", "S9.ZIP")

    assert collected(tmp_path, assignment) == (
        {"S9": "S9.ZIP", "s1": "s1", "s2": "s2.zip", "s3": "s3.tar.gz", "s4": "s4.tar.xz", "s5": "s5.rar"}
        | {"s6": "s6.py", "s7": "s7.ipynb", "s8": "s8"},
        [],
    )


@pytest.mark.parametrize("name", ["q1_sums.py", "q2_rows.ipynb", "hw5.ipynb", "timestamp.txt"])
def test_one_students_folder_is_read(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """A folder with a question's module, a notebook of that name, or a timestamp is one student's, by its name."""
    lay(tmp_path, f"s1/{name}", "s1/parts/x.py")

    assert collected(tmp_path / "s1", assignment) == ({"s1": "."}, [])


@pytest.mark.parametrize("more", [[], ["s1/hw5/timestamp.txt"]])
def test_one_student_of_nbgraders_tree_is_read(more: list[str], tmp_path: Path, assignment: Assignment) -> None:
    """A student's own folder and the assignment's folder in it name the same student, with a time or without."""
    lay(tmp_path, "s1/hw5/q1_sums.py", *more)

    assert collected(tmp_path / "s1", assignment) == ({"s1": "hw5"}, [])
    assert collected(tmp_path / "s1" / "hw5", assignment) == ({"s1": "."}, [])


def test_a_folder_of_assignments_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """hw5/<student>/ beside hw4/<student>/: the assignment's folder is the class."""
    lay(tmp_path, "hw5/s1/q1_sums.py", "hw5/s2.zip", "hw4/s3/x.py")

    assert collected(tmp_path, assignment) == ({"s1": "hw5/s1", "s2": "hw5/s2.zip"}, [])


@pytest.mark.parametrize(("name", "student"), [("s1.tar.gz", "s1"), ("s.1.zip", "s.1"), ("s1.py", "s1")])
def test_one_file_is_one_students(name: str, student: str, tmp_path: Path, assignment: Assignment) -> None:
    """An archive or a module by itself is a hand-in; its name without the suffix is the id."""
    lay(tmp_path, name)

    (hand_in,) = collect(tmp_path / name, assignment)[0]

    assert (hand_in.student, hand_in.path) == (student, tmp_path / name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01 09:30:00.123456 UTC\n", "2026-10-01T09:30:00.123456+00:00"),
        ("2026-10-01 09:30:00 Asia/Tehran", "2026-10-01T09:30:00+03:30"),
        ("2026-10-01 09:30:00 +0200", "2026-10-01T09:30:00+02:00"),
        ("2026-10-01 09:30:00", "2026-10-01T09:30:00+00:00"),
        ("2026-10-01T09:30:00+00:00", "2026-10-01T09:30:00+00:00"),
        ("yesterday", ""),
        ("2026-10-01 09:30:00 Nowhere/City", ""),
        ("2026-10-01 09:30:00 ../../etc/passwd", ""),
        ("2026-99-01 09:30:00 UTC", ""),
        ("0001-01-01 00:00:00 +0500", ""),
        ("\0", ""),
        ("", ""),
    ],
)
def test_the_time_is_read_from_timestamp_txt(text: str, expected: str, tmp_path: Path, assignment: Assignment) -> None:
    """nbgrader's form with a zone's name or offset is read; anything else is an unknown time, not an error."""
    lay(tmp_path, "s1/hw5/q1_sums.py")
    (tmp_path / "s1/hw5/timestamp.txt").write_text(text)

    (hand_in,) = collect(tmp_path, assignment)[0]

    assert hand_in.submitted_at == expected


def test_a_timestamp_that_is_a_link_is_not_followed(tmp_path: Path, assignment: Assignment) -> None:
    """timestamp.txt is read only if it is a plain file of the student's own."""
    lay(tmp_path, "class/s1/q1_sums.py")
    (tmp_path / "elsewhere").write_text("2026-10-01 09:30:00 UTC")
    (tmp_path / "class/s1/timestamp.txt").symlink_to(tmp_path / "elsewhere")

    (hand_in,) = collect(tmp_path / "class", assignment)[0]

    assert hand_in.submitted_at == ""


def test_without_a_timestamp_the_time_is_unknown(tmp_path: Path, assignment: Assignment) -> None:
    """The time on disk changes with every copy, so it is not given out as the time of the hand-in."""
    lay(tmp_path, "s1.zip")

    assert collect(tmp_path, assignment)[0][0].submitted_at == ""


def test_the_latest_of_several_wins(tmp_path: Path, assignment: Assignment) -> None:
    """Of a folder and two archives of one student the latest is graded, and it is said which."""
    lay(tmp_path, "s1/q1_sums.py", "s1.zip", "s1.tar.gz")
    for name, time in (("s1", 100), ("s1.zip", 300), ("s1.tar.gz", 200)):
        os.utime(tmp_path / name, (time, time))

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1.zip"}
    assert problems == [f"s1 handed in 3 times; the latest, {tmp_path / 's1.zip'}, is graded."]


def test_a_timestamp_stands_above_the_time_on_disk(tmp_path: Path, assignment: Assignment) -> None:
    """A folder whose timestamp is later than the archive's time on disk is the latest."""
    lay(tmp_path, "s1/q1_sums.py", "s1.zip")
    (tmp_path / "s1/timestamp.txt").write_text("2026-10-01 09:30:00 UTC")
    os.utime(tmp_path / "s1", (100, 100))
    os.utime(tmp_path / "s1.zip", (200, 200))

    assert collected(tmp_path, assignment)[0] == {"s1": "s1"}


@pytest.mark.parametrize("name", ["My homework/q1_sums.py", "Homework/HW/q1_sums.py", "HW5/q1_sums.py", "hw.zip", "x/"])
def test_one_students_folder_says_nothing_about_anothers(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Where one has a folder named like the assignment, whoever has another is graded all the same."""
    lay(tmp_path, "s1/hw5/q1_sums.py", f"s2/{name}")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2"}, [])


def test_a_platforms_name_makes_no_exchange(tmp_path: Path, assignment: Assignment) -> None:
    """Who calls themselves as nbgrader calls its folders does not push the others out of Moodle's download."""
    forged = "x+hw5+2026-10-01 09 UTC_1001_assignsubmission_file_"
    lay(tmp_path, f"{forged}/q1_sums.py", "s1/q1_sums.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1", forged: forged}, [])


def test_modules_without_the_assignments_folder_are_graded(tmp_path: Path, assignment: Assignment) -> None:
    """In nbgrader's tree a student's folder that holds the questions themselves is understood all the same."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s2/q1_sums.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2"}, [])
