"""What parts are worth: read off the checks' own @points, never typed twice."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grader.authoring.part_points import part_points
from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.errors import CourseError
from tests.sample_course import sample


def test_points_of_a_part_are_added_up_over_its_checks() -> None:
    """Every part of every question and every essay has its points."""
    _, hw1 = sample()
    wanted = {"q1a": 2, "q1b": 2, "q1c": 1, "q2a": 3, "q2b": 1, "q2e": Fraction(5, 2)}

    assert part_points(hw1) == wanted


def test_what_is_read_is_what_is_graded(verifier: Verifier) -> None:
    """Reading the files without running them gives the points that the verifier collects."""
    _, hw1 = sample()
    collected: dict[str, Fraction] = {}
    for check in verifier.checks:
        collected[check.part] = collected.get(check.part, Fraction(0)) + check.points

    assert collected == {part: points for part, points in part_points(hw1).items() if part != "q2e"}


@pytest.mark.parametrize("decorator", ["", "@points(WORTH, part='q1a')\n", "@grader.points(1, part='q1a')\n"])
def test_points_that_cannot_be_read_are_said(course_folder: Path, decorator: str) -> None:
    """A check whose points are not written out would be missing from every sum."""
    hw1 = find_course(course_folder).assignment("hw1")
    with hw1.questions[0].checks.open("a", encoding="utf-8") as file:
        file.write(f'\n\n{decorator}def test_more(submission):\n    """More."""\n')

    with pytest.raises(CourseError, match=r'test_q1_rows\.py: test_more has no @points\(2, part="q1a"\) written out'):
        part_points(hw1)


def test_checks_that_are_missing_are_said(course_folder: Path) -> None:
    """The file that should be there is named."""
    hw1 = find_course(course_folder).assignment("hw1")
    hw1.questions[0].checks.unlink()

    with pytest.raises(CourseError, match=r"test_q1_rows\.py cannot be read"):
        part_points(hw1)
