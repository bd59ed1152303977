"""Gradescope's results.json and autograder, read as its specification says, and the autograder run here."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grader.export import gradescope
from grader.export.row import rows_of
from grader.marks import Mark, Marks
from tests.pages.sample import a_run, a_sheet, every_outcome, marksheets
from tests.sample_course import ENVIRONMENT, lay, sample, solved

TOP = {"score": (int, float), "execution_time": (int, float), "output": str, "output_format": str, "visibility": str,
       "stdout_visibility": str, "extra_data": dict, "tests": list, "leaderboard": list}  # fmt: skip
TEST = {"score": (int, float), "max_score": (int, float), "status": str, "name": str, "name_format": str, "number": str,
        "output": str, "output_format": str, "tags": list, "visibility": str, "extra_data": dict}  # fmt: skip
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


def assert_specified(told: dict[str, Any]) -> None:
    """Only the specification's fields, of its kinds; a score on top or on every test."""
    assert set(told) <= set(TOP)
    assert all(isinstance(told[key], TOP[key]) for key in told)
    for test in told["tests"]:
        assert set(test) <= set(TEST)
        assert all(isinstance(test[key], TEST[key]) for key in test)
        assert test.get("status", "passed") in {"passed", "failed"}
    for place in (told, *told["tests"]):
        assert place.get("output_format", "text") in FORMATS
        assert place.get("visibility", "visible") in VISIBILITIES
    assert "score" in told or all("score" in test for test in told["tests"])


def results(marks: Marks | None = None) -> dict[str, Any]:
    (row,) = rows_of(marksheets([a_sheet()], [a_run()]), {"s042": marks} if marks else {}, {})
    found: dict[str, Any] = json.loads(json.dumps(gradescope.results(row)))
    return found


def test_results_are_as_specified() -> None:
    """Every outcome of ours has a place in theirs, and the score is the marksheet's."""
    told = results()

    assert_specified(told)
    assert told["score"] == a_sheet()["score"]
    assert len(told["tests"]) == sum(map(len, every_outcome().values()))


def test_what_waits_has_no_score() -> None:
    """A test that is not judged is no zero."""
    waiting = [test for test in results()["tests"] if "score" not in test]

    assert {test["number"] for test in waiting} == {"q6th", "q7d"}
    assert all(test["output"] and "status" not in test for test in waiting)


def test_a_part_that_a_person_marked_is_one_test_with_that_mark() -> None:
    """And the score counts it."""
    told = results(Marks({"q7d": Mark(Fraction(13, 2), comment="Checked by hand.")}))

    (test,) = [test for test in told["tests"] if test["number"] == "q7d"]
    assert (test["score"], test["max_score"], test["output"]) == (6.5, 7.0, "Checked by hand.")
    assert told["score"] == a_sheet()["score"] - 3 + 6.5


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/autograder as Gradescope lays it out."""
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(io.BytesIO(gradescope.autograder(*sample(), practice=False))) as archive:
        archive.extractall(root / "source")
    return root


def test_the_zip_has_its_two_files_at_the_top_and_executable() -> None:
    """setup.sh and run_autograder, as the specification asks, and the scripts are well formed."""
    with zipfile.ZipFile(io.BytesIO(gradescope.autograder(*sample(), practice=False))) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        for name in ("setup.sh", "run_autograder"):
            text = archive.read(name).decode()
            assert infos[name].external_attr >> 16 == 0o100755
            assert text.startswith("#!/usr/bin/env bash\n")
            assert subprocess.run(["bash", "-n"], input=text.encode(), check=False).returncode == 0


def test_the_course_in_it_is_one_assignment(unzipped: Path) -> None:
    """With its checks and the draws' key, no other, and requirements in the versions that run here."""
    course = unzipped / "source" / "course"

    assert tomllib.loads((course / "course.toml").read_text(encoding="utf-8"))["assignments"] == ["hw1"]
    assert [folder.name for folder in (course / "solutions").iterdir() if folder.is_dir()] == ["hw1"]
    assert (course / "solutions" / "draw.key").is_file()
    lines = (unzipped / "source" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split("==")[0] for line in lines} >= {"torch", "numpy", "pytest", "nbformat"}
    assert all("==" in line and "+" not in line for line in lines)


def run_autograder(root: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """What Gradescope does with one upload."""
    lay(root / "submission", files)
    (root / "results").mkdir(exist_ok=True)
    environment = {**ENVIRONMENT, "AUTOGRADER": str(root), "GRADER_PYTHON": sys.executable}
    ended = subprocess.run(
        ["bash", str(root / "source" / "run_autograder")], cwd=root, env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return found


def test_the_autograder_grades_an_upload(unzipped: Path, tmp_path: Path) -> None:
    """Run as Gradescope runs it: the full solution has every point."""
    os.symlink(unzipped / "source", tmp_path / "source")

    told = run_autograder(tmp_path, solved())

    assert_specified(told)
    assert told["score"] == 9
    assert "Still to be judged: 2(e)." in told["output"]


def test_an_upload_that_cannot_be_graded_has_no_score(tmp_path: Path) -> None:
    """A sentence for the student, the reason for the instructor, never a zero."""
    gradescope.main(tmp_path, tmp_path / "results.json", practice=False)

    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert "score" not in told
    assert "could not be graded" in told["output"]
