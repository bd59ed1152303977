"""An author's own data set from end to end: int64 rows beside their card are released, trained on and measured."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from grader.authoring.release import bundle
from grader.authoring.skeleton import new_course
from grader.course import Course, find_course
from grader.data.loaders import load
from grader.errors import CourseError, DataError
from tests.commandline import typed
from tests.own_course import QUESTION, own_course, texts
from tests.sample_course import lay

ZEROS = "\n\ndef train(net, X, y, seed):\n    for p in net.parameters():\n        p.data.zero_()\n    return []\n"
WEIGHTS = '{ part = "q1a", file = "w.safetensors", build = "build", train = "train", data = "texts" }'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return own_course(tmp_path / "course")


def graded(course: Course, *options: str) -> tuple[Result, dict[str, Any]]:
    """`grader run` of one who trains and one who sets all weights to zero: what was said, and the marksheets."""
    for student, module in {"right": QUESTION, "wrong": QUESTION + ZEROS}.items():
        lay(course.root / "class" / student, {"q1_texts.py": module.encode()})
    words = ("run", "hw1", "--submissions", "class", "--i-trust-these-submissions", *options)
    said = typed(*words, folder=course.root)
    sheets = (course.root / "results" / "hw1" / f"{student}.json" for student in ("right", "wrong"))
    return said, {sheet.stem: json.loads(sheet.read_text(encoding="utf-8")) for sheet in sheets}


def test_who_learns_gets_everything_and_who_does_not_gets_the_network_s_points(course: Course) -> None:
    """The set is there and called official; the embedding is counted, trained, measured, and audited."""
    said, sheets = graded(course, "--profile", "full")

    assert said.exit_code == 0, said.output
    assert {student: sheet["score"] for student, sheet in sheets.items()} == {"right": 3.0, "wrong": 1.0}
    assert sheets["right"]["manifest"]["data"] == {"texts": "official"}
    audited = json.loads((course.root / "results" / "hw1" / "right.run.json").read_text(encoding="utf-8"))
    assert [run["run"] for run in audited["trainings"]] == ["run 1", "audit"]
    assert "of the rows. Points begin at 70 %" in sheets["wrong"]["questions"][0]["checks"][1]["message"]["en"]


def test_it_is_listed_with_its_size_and_place(course: Course) -> None:
    """Small as it is, it is more than 0 MB."""
    told = typed("data", "list", folder=course.root)

    assert re.fullmatch(rf"texts +official +\d\d\.\d kB  MIT; {re.escape(str(course.datasets))}\n", told.output)


def test_a_set_that_is_lost_is_nobody_s_zero(course: Course) -> None:
    """What needs it waits, in quick too, for nothing stands in for it."""
    (course.datasets / "texts.npz").unlink()

    said, sheets = graded(course)

    assert said.exit_code == 1, said.output
    outcomes = {check["outcome"] for sheet in sheets.values() for check in sheet["questions"][0]["checks"]}
    assert outcomes == {"ungraded"}


def test_a_set_that_is_not_listed_is_told(course: Course) -> None:
    """Its check would pass, and the release would lack its rows."""
    table = course.solutions / "hw1" / "assignment.toml"
    table.write_text(table.read_text("utf-8").replace('data = ["texts"]', ""), encoding="utf-8")

    told = typed("verify", "hw1", folder=course.root)

    assert told.exit_code == 1
    assert "assignment.toml does not list the data set texts: put it under `data`." in told.output


def test_the_release_has_the_rows_to_train_on_and_no_others(course: Course) -> None:
    """Students read them with numpy alone, and the page says so; the unseen rows stay with the course."""
    files = bundle(course, course.assignment("hw1")).files
    saved = texts()

    with np.load(io.BytesIO(files["datasets/texts.npz"])) as found:
        assert sorted(found) == ["X", "y"]
        np.testing.assert_array_equal(found["X"], saved["X"])
        np.testing.assert_array_equal(found["y"], saved["y"])
    assert files["datasets/texts.toml"] == (course.datasets / "texts.toml").read_bytes()
    assert 'numpy.load("datasets/texts.npz")` has X and y' in files["README.md"].decode()


def test_a_file_that_does_not_fit_its_card_is_not_released(course: Course) -> None:
    """Whoever changed one of the two reads it before students do."""
    np.savez(course.datasets / "texts.npz", **texts() | {"y": np.arange(400)})  # type: ignore[arg-type]

    with pytest.raises(DataError, match=r"texts\.npz has labels from 0 to 399; texts has 2 classes"):
        bundle(course, course.assignment("hw1"))


def test_weights_need_a_set_that_students_can_get(course: Course) -> None:
    """The notebook that trains them measures on unseen rows, which would have to leave with it."""
    table = course.solutions / "hw1" / "assignment.toml"
    table.write_text(f"{table.read_text('utf-8')}weights = {WEIGHTS}\n", encoding="utf-8")

    with pytest.raises(CourseError, match=r"q1_texts takes weights, .* give its card a \[\[file\]\] with an address"):
        bundle(course, find_course(course.root).assignment("hw1"))


def test_a_copy_of_the_course_has_the_set(course: Course, tmp_path: Path) -> None:
    """`grader new-course --from` takes it along."""
    copy = new_course(course, tmp_path / "copy", ("hw1",))

    found = load("texts", datasets=copy.datasets, profile="full")
    np.testing.assert_array_equal(found.unseen[0], texts()["X_unseen"])
