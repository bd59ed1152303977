"""What lies in a results folder is read back if we wrote it, and named in one sentence if not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from grader.errors import GraderError
from grader.marksheets import read_marksheet, read_result, read_results, read_run_file
from grader.records import Marksheet
from tests.pages.sample import a_run, a_sheet, measured


def written(path: Path, record: Any) -> Path:
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """A marksheet of every outcome and the run file beside it, as they were; without a run file there is nothing."""
    path = written(tmp_path / "s042.json", a_sheet())

    assert read_result(path) == Marksheet("s042", a_sheet(), {})
    written(tmp_path / "s042.run.json", a_run())
    assert list(read_results(tmp_path)) == [Marksheet("s042", a_sheet(), a_run())]


def test_a_name_is_the_same_however_a_disk_spells_it(tmp_path: Path) -> None:
    """Some file systems keep é as e and an accent."""
    path = written(tmp_path / f"{normalize('NFD', 'andré')}.json", a_sheet("andré"))

    assert read_marksheet(path)["student"] == "andré"


def _with(**changed: Any) -> dict[str, Any]:
    return {**a_sheet(), **changed}


def _check(**changed: Any) -> dict[str, Any]:
    sheet = a_sheet()
    sheet["questions"][0]["checks"][0].update(changed)
    return sheet


NO_SHEETS: dict[str, tuple[Any, str]] = {
    "a list": ([], "it holds no table"),
    "nothing": (None, "it holds no table"),
    "a schema alone": ({"schema": 1}, "it has no assignment"),
    "another schema": (_with(schema=2), "its schema is 2, this grader reads 1"),
    "no schema": ({"a": 1}, "its schema is None, this grader reads 1"),
    "a copy": (a_sheet("good"), "it is that of good"),
    "questions that are no list": (_with(questions={}), "questions is of the wrong kind"),
    "a question that is none": (_with(questions=[3]), "questions is of the wrong kind"),
    "a score in words": (_with(score="all"), "score is of the wrong kind"),
    "a score that is no number": (_with(score=float("nan")), "score is of the wrong kind"),
    "points that are true": (_check(points=True), "points is of the wrong kind"),
    "an outcome that is none": (_check(outcome="fine"), "outcome is of the wrong kind"),
    "a message without English": (_check(message={}), "message has no en"),
    "data that are no table": (_with(manifest={"data": ["cifar10"]}), "data is of the wrong kind"),
}


@pytest.mark.parametrize("case", NO_SHEETS)
def test_what_is_no_marksheet_is_named(tmp_path: Path, case: str) -> None:
    """The file, what is wrong with it, and what to do."""
    record, why = NO_SHEETS[case]

    with pytest.raises(GraderError) as raised:
        read_marksheet(written(tmp_path / "s042.json", record))

    assert str(raised.value) == f"{tmp_path / 's042.json'} is not a marksheet ({why}); grade again or remove it."


@pytest.mark.parametrize("data", [b"", b'{"schema": 1,', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_named(tmp_path: Path, data: bytes) -> None:
    """Torn, in another encoding, or deeper than can be read."""
    (tmp_path / "s042.json").write_bytes(data)
    (tmp_path / "s042.run.json").write_bytes(data)

    with pytest.raises(GraderError, match=r"s042\.json is not a marksheet \("):
        read_marksheet(tmp_path / "s042.json")
    with pytest.raises(GraderError, match=r"s042\.run\.json is not a run file \("):
        read_run_file(tmp_path / "s042.run.json")


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ([], "it holds no table"),
        (None, "it holds no table"),
        ({"checks": []}, "checks is of the wrong kind"),
        ({"checks": {"q1::test_it": 3}}, "q1::test_it is of the wrong kind"),
        ({"trainings": 3}, "trainings is of the wrong kind"),
        ({"trainings": [{"accuracies": [{"rows": 5, "accuracy": 0.5}]}]}, "accuracies has no trained_on"),
        ({"trainings": [{"accuracies": [measured(float("nan"))]}]}, "accuracy is of the wrong kind"),
        ({"figures": 5}, "figures is of the wrong kind"),
        ({"notes": ["a note"]}, "notes is of the wrong kind"),
    ],
)
def test_a_damaged_run_file_is_not_the_marksheet_s_fault(tmp_path: Path, record: Any, why: str) -> None:
    """Whoever removes the file that is named loses no marks."""
    with pytest.raises(GraderError) as raised:
        read_run_file(written(tmp_path / "s042.run.json", record))

    assert str(raised.value) == (
        f"{tmp_path / 's042.run.json'} is not a run file ({why}); "
        "remove it, no marks are in it, or grade again with --fresh."
    )
