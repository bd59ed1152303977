"""What one student of each assignment costs: the bill's number of trainings is what a run of the solutions does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.plan import plan
from grader.records import Submission, Verdict
from tests.sample_course import ROOT, lay

ROWS = "full = { train = 40, unseen = 20 }"  # so few that a network is trained in no time


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course with tiny sets that are generated in every profile, and bars that everybody reaches."""
    folder = tmp_path_factory.mktemp("small") / "course"
    shutil.copytree(ROOT / "solutions", folder / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "datasets", "exercises"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for card in (folder / "datasets").glob("*.toml"):
        text = re.sub(r"^full = .*$", ROWS, card.read_text("utf-8"), flags=re.MULTILINE)
        text = re.sub(r'^reader = ".*"$', 'reader = "generated"', text, flags=re.MULTILINE)
        card.write_text(re.sub(r"\[\[file\]\]\n(?:.+\n)+", "", text), encoding="utf-8")
    for bars in (folder / "solutions").glob("*/bars.toml"):
        text = bars.read_text("utf-8")
        bars.write_text(
            re.sub(r"^bars = .*$", "bars = [0.0]", re.sub(r"^shares = .*\n", "", text, flags=re.M), flags=re.M)
        )
    return folder


@pytest.mark.parametrize("hw", find_course(ROOT).assignments)
def test_the_bill_of_one_student_is_what_is_trained(small: Path, tmp_path: Path, hw: str) -> None:
    """Every network of every part, and the audit of each that earns something."""
    course = find_course(small)
    assignment = course.assignment(hw)
    files = {f"{question.id}.py": question.source.read_bytes() for question in assignment.questions}
    lay(tmp_path / "in" / "ada", files)
    found, _ = plan(course, assignment, tmp_path / "in", "full", 1.0, None)
    verifier = Verifier(small, hw, profile="full", trusted=True, audit=1.0)
    try:
        long = [check for check in verifier.checks if check.minutes]
        verdict = verifier.grade(Submission("ada", "", files), 0, only=long)
    finally:
        verifier.close()

    assert isinstance(verdict, Verdict), verdict
    assert found.items
    earned = {finding.check.part for finding in verdict.findings if finding.share}
    assert earned  # not by hw1.q3c, which asks for more than its bar
    asked = [item.times(1.0 if item.measure.split()[0] in earned else 0.0) for item in found.items]
    assert len(verdict.trainings) == sum(asked)
