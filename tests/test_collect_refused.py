"""A folder from which nothing can be collected is one sentence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader.archives import zipped
from grader.collect import collect
from grader.course import Assignment
from grader.errors import GraderError
from tests.folders import collected, lay
from tests.small_assignment import small_assignment


@pytest.mark.parametrize("name", ["README.md", "homework.docx", "s1"])
def test_one_file_of_another_kind_is_no_hand_in(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Nobody is called README.md and gets a zero."""
    lay(tmp_path, name)

    with pytest.raises(GraderError, match=f"{name} is no hand-in: an archive, a module or a notebook was asked"):
        collect(tmp_path / name, assignment)


def test_an_absent_folder_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """A folder that is not there is said with its path and the option that names it."""
    with pytest.raises(
        GraderError, match=r"There is no folder .*nowhere: say with --submissions where the hand-ins are\."
    ):
        collect(tmp_path / "nowhere", assignment)


def test_an_unreadable_folder_is_one_sentence(
    tmp_path: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class folder that may not be read is said with the reason."""

    def forbidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", forbidden)

    with pytest.raises(GraderError, match=r"The folder .* cannot be read: Permission denied\."):
        collect(tmp_path, assignment)


def test_an_empty_class_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """A folder without hand-ins is said, with what was looked for."""
    with pytest.raises(
        GraderError, match=r"no hand-in to grade in .*; a folder or an archive for each student is asked"
    ):
        collect(tmp_path, assignment)


def test_a_class_of_problems_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """Where everything was left out, the first reason is in the error."""
    lay(tmp_path, "roster.csv")

    with pytest.raises(GraderError, match=r"no hand-in to grade in .*: .*roster\.csv was left out"):
        collect(tmp_path, assignment)


@pytest.mark.parametrize("name", [".", "nbgrader", "solutions", "solutions/hw5", "exercises", "results", "results/hw5"])
def test_a_course_is_no_class(name: str, tmp_path: Path) -> None:
    """Its folders hold modules, but nobody handed them in."""
    assignment = small_assignment(tmp_path / "solutions" / "hw5")
    stub = tmp_path / "exercises" / "hw5" / "q1_sums.py"
    assignment = replace(assignment, questions=tuple(replace(q, stub=stub) for q in assignment.questions))
    lay(tmp_path, "course.toml", "exercises/hw5/q1_sums.py", "nbgrader/gradebook.db", "nbgrader/submitted/s1/hw5/x.py")
    lay(tmp_path, "results/hw5/journal.sqlite3", "results/hw5/export/gradescope/autograder.zip")

    with pytest.raises(GraderError, match="belongs to the course, it is no folder of hand-ins"):
        collect(tmp_path / name, assignment)


def test_a_folder_of_other_things_is_no_class(tmp_path: Path, assignment: Assignment) -> None:
    """Folders without a single thing that could be graded are nobody's; one page of essays makes them a class."""
    lay(tmp_path, "feedback/s1.html", "figures/s1/plot.png", "empty/")

    with pytest.raises(GraderError, match="is no folder of hand-ins: no module, notebook, archive or essay lies there"):
        collect(tmp_path, assignment)

    lay(tmp_path, "s1/Essays (1).md")
    assert set(collected(tmp_path, assignment)[0]) == {"s1", "empty", "feedback", "figures"}


def test_a_platforms_download_is_collected_first(tmp_path: Path, assignment: Assignment) -> None:
    """Whoever grades it as it is would grade people called Jane Doe_11_assignsubmission_file_."""
    lay(tmp_path, "Jane Doe_11_assignsubmission_file_/q1_sums.py", "Jane Doe_11_assignsubmission_onlinetext_/x.html")

    with pytest.raises(GraderError, match=r"learning platform's download: .*grader collect hw5 --from"):
        collect(tmp_path, assignment)


def test_a_platforms_download_that_is_still_packed_is_no_student(tmp_path: Path, assignment: Assignment) -> None:
    """It would be one hand-in, and a marksheet of nobody would stay in the class; a student's own is graded."""
    download, own = tmp_path / "HW 5.zip", tmp_path / "s1.zip"
    download.write_bytes(zipped({"doejane_12_345_q1_sums.py": b"", "roemax_LATE_13_346_hw5.zip": b""}))
    own.write_bytes(zipped({"hw5/q1_sums.py": b""}))

    with pytest.raises(GraderError, match=r"learning platform's download: .*grader collect hw5 --from '.*HW 5\.zip'`"):
        collect(download, assignment)

    assert set(collected(own, assignment)[0]) == {"s1"}
