"""What is no hand-in among hand-ins is left out and named, and hides nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.collect import collect
from grader.course import Assignment
from tests.folders import collected, lay


@pytest.mark.parametrize("name", [".s1", "s\n1", "s1\u202e", "s" * 101, "s\u200b1", "s\\1", "s2.run"])
def test_an_unsafe_id_is_listed_and_hurts_nobody_else(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """A folder whose name cannot be a result's file name is left out with its name shown safely."""
    lay(tmp_path, "s2/q1_sums.py", f"{name}/q1_sums.py")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert len(problems) == 1
    assert "its name cannot be a student's id" in problems[0]
    assert "\u202e" not in problems[0]
    assert "\n" not in problems[0]


def test_a_name_that_is_not_utf8_is_listed(tmp_path: Path, assignment: Assignment) -> None:
    """A folder named in bytes of another encoding is left out, and the sentence can still be written as UTF-8."""
    lay(tmp_path, "s2/q1_sums.py")
    os.mkdir(os.fsencode(tmp_path) + b"/s\xff1")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert problems[0].encode()


@pytest.mark.parametrize("twins", [("s1", "S1"), ("é", "e\u0301"), ("s\u200c1", "s1")])
def test_case_twins_are_listed_and_neither_is_graded(
    twins: tuple[str, str], tmp_path: Path, assignment: Assignment
) -> None:
    """Two ids that would overwrite one another's results on some file system are both left for the instructor."""
    lay(tmp_path, "s2/q1_sums.py", *(f"{name}/q1_sums.py" for name in twins))

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert len(problems) == 1
    assert all(name in problems[0] for name in twins)


def test_a_link_in_a_students_place_is_listed(tmp_path: Path, assignment: Assignment) -> None:
    """Neither a linked folder nor a linked archive nor a linked assignment folder is followed."""
    lay(tmp_path, "class/s1/hw5/q1_sums.py", "secret/q1_sums.py", "class/s4/")
    (tmp_path / "class/s2").symlink_to(tmp_path / "secret")
    (tmp_path / "class/s3.zip").symlink_to(tmp_path / "secret/q1_sums.py")
    (tmp_path / "class/s4/hw5").symlink_to(tmp_path / "secret")

    found, problems = collected(tmp_path / "class", assignment)

    assert found == {"s1": "s1/hw5"}
    assert [problem.split(": ")[1].split(";")[0] for problem in problems] == ["it is a link"] * 3


def test_other_files_are_listed_and_litter_is_not(tmp_path: Path, assignment: Assignment) -> None:
    """A roster among the hand-ins is named; what machines leave behind is not."""
    lay(tmp_path, "s1.zip", "roster.csv", ".DS_Store", ".git/config", "__MACOSX/x")
    os.mkfifo(tmp_path / "pipe")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1.zip"}
    assert [problem.split(" was")[0] for problem in problems] == [
        str(tmp_path / name) for name in ("pipe", "roster.csv")
    ]


@pytest.mark.parametrize("name", ["s2/q9.py", "s2/HW5/q1_sums.py", "s2/hw5"])
def test_files_in_the_wrong_place_of_nbgraders_tree_are_listed(
    name: str, tmp_path: Path, assignment: Assignment
) -> None:
    """A student with loose files or a misspelt folder beside another assignment's is named, not silently left out."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s2/hw4/x.py", name)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1/hw5"}
    assert problems == [f"{tmp_path / 's2'} has files but no folder hw5: put the hand-in into a folder of that name."]


def test_what_lies_beside_the_assignments_folder_is_named(tmp_path: Path, assignment: Assignment) -> None:
    """A student's folder hw5 is the hand-in; a module beside it is not silently left out."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s1/q2_rows.py", "s1/hw4/x.py", "s1/.DS_Store")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1/hw5"}
    assert problems == [f"{tmp_path / 's1/hw5'} is the hand-in; what lies beside it was left out: q2_rows.py."]


def test_a_folder_named_like_the_assignment_swallows_no_class(tmp_path: Path, assignment: Assignment) -> None:
    """Among students' folders it is one of them, or, with no module in it, left out and named."""
    lay(tmp_path / "one", "ann/q1_sums.py", "bob.zip", "hw5/q1_sums.py")
    lay(tmp_path / "two", "ann/q1_sums.py", "bob.zip", "hw5/cem/q9.py", "hw5/dan/q1_sums.py")

    assert collected(tmp_path / "one", assignment) == ({"ann": "ann", "bob": "bob.zip", "hw5": "hw5"}, [])
    found, (problem,) = collected(tmp_path / "two", assignment)
    assert found == {"ann": "ann", "bob": "bob.zip"}
    assert problem.startswith(f"{tmp_path / 'two/hw5'} was left out: it is named like the assignment")


@pytest.mark.parametrize("name", ["hw5/s1/q1_sums.py", "s1/hw5/q1_sums.py", "s1/q1_sums.py", "s1.zip", "q1_sums.py"])
def test_nobody_hands_in_for_others_through_the_exchange(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Anybody may write there: what has no name of nbgrader's is left out and named, and hides nobody's hand-in."""
    true = "s1+hw5+2026-10-01 09:30:00.123456 UTC+Ab0-_Ab0-_Ab"
    lay(tmp_path, f"{true}/q1_sums.py", "roster.csv", *(f"eve_{n}_1_x/q1_sums.py" for n in range(3)), name)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": true}
    assert sorted(problem.split(" was left out")[0] for problem in problems) == sorted(
        str(tmp_path / left) for left in ("eve_0_1_x", "eve_1_1_x", "eve_2_1_x", "roster.csv", name.split("/")[0])
    )


def test_a_folder_that_cannot_be_read_is_listed(
    tmp_path: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One student's unreadable folder does not stop the others."""
    lay(tmp_path, "s1/q1_sums.py", "s2/q1_sums.py")
    scandir = os.scandir

    def forbidden(path: Path | int) -> object:
        if not isinstance(path, int) and Path(path).name == "s1":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidden)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert problems == [f"{tmp_path / 's1'} was left out: the folder cannot be read; allow reading it."]


def test_results_among_the_hand_ins_are_nobody(tmp_path: Path, assignment: Assignment) -> None:
    """Who types `--submissions .` where the hand-ins lie has results/ there too, the next time."""
    lay(tmp_path, "s1/q1_sums.py", "s2/q1_sums.py", "results/hw5/journal.sqlite3", "results/hw5/s1.json")

    hand_ins, problems = collect(tmp_path, assignment)

    assert [hand_in.student for hand_in in hand_ins] == ["s1", "s2"]
    assert [problem.en.rpartition("/")[2] for problem in problems] == [
        "results was left out: results of an earlier run lie there."
    ]
