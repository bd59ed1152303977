"""The bill: which trainings a run would start, and what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Assignment, find_course
from grader.errors import GraderError
from grader.plan import Item, Plan, plan
from tests.sample_course import copied, lay
from tests.test_cli import typed

TABLE = """
["q1a".full]
seconds = 100.0
device = "a CPU"
weights = "weights.safetensors"
["q1a training rows".full]
seconds = 100.0
["q2a".full]
runs = 2
["q2a".stand-in]
seconds = 3.0
["q9z".full]
seconds = 5.0
"""


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    """The sample course with a table of bars, and three hand-ins: code, code with weights, one that is no archive."""
    found = find_course(copied(tmp_path / "course")).assignment("hw1")
    (found.folder / "bars.toml").write_text(TABLE, encoding="utf-8")
    first, second = found.questions[0].id, found.questions[1].id
    lay(tmp_path / "in" / "s1", {f"{first}.py": b"x = 1", f"{second}.py": b"x = 1"})
    lay(tmp_path / "in" / "s2", {f"{first}.py": b"x = 1", "weights.safetensors": b"weights"})
    (tmp_path / "in" / "s3.zip").write_bytes(b"no archive")
    return found


def test_every_training_is_counted_once(assignment: Assignment, tmp_path: Path) -> None:
    """By hand-ins that have the question; weights and a second measure train nothing, other courses' rows neither."""
    found, hand_ins = plan(assignment, tmp_path / "in", "full", 0.0, None)

    assert hand_ins == 3
    assert [(i.measure, i.hand_ins, i.with_weights, i.seconds) for i in found.items] == [
        ("q1a", 2, 1, 100.0),
        ("q2a", 1, 0, None),
    ]
    assert [found.times(item) for item in found.items] == [1, 2]
    assert found.hours() == pytest.approx(100 / 3600)


def test_the_audit_has_its_price() -> None:
    """In full everything is trained once more, in quick weights alone; a share is rounded up."""
    items = (Item("q1a", 10, 4, 360.0, ""),)

    assert Plan(items, "full", 1.0).times(items[0]) == 16
    assert Plan(items, "quick", 1.0).times(items[0]) == 10
    assert Plan(items, "full", 0.25).times(items[0]) == 9
    assert Plan(items, "full", 1.0).hours() == pytest.approx(1.6)
    assert Plan(items, "full", 1.0).cheaper.hours() == pytest.approx(0.7)


def test_quick_takes_the_stand_in_s_seconds(assignment: Assignment, tmp_path: Path) -> None:
    """Where no data are given it is the stand-in that would be trained on."""
    found, _ = plan(assignment, tmp_path / "in", "quick", 1.0, None)

    assert [(i.measure, i.seconds) for i in found.items] == [("q1a", None), ("q2a", 3.0)]


def test_without_a_table_nothing_trains(tmp_path: Path) -> None:
    """An assignment without trainings has no bill."""
    assignment = find_course(copied(tmp_path / "course")).assignment("hw1")
    lay(tmp_path / "in" / "s1", {"q1.py": b"x = 1"})

    assert plan(assignment, tmp_path / "in", "full", 1.0, None)[0].items == ()


def test_the_command_prints_the_bill_and_starts_nothing(assignment: Assignment, tmp_path: Path) -> None:
    """Trainings, hours, cheaper flags; no results, no page."""
    words = ("run", "hw1", "--plan", "--profile", "full", "--submissions", str(tmp_path / "in"))
    ended = typed(*words, "--workers", "2", "--out", str(tmp_path / "out"), folder=assignment.folder)

    assert ended.exit_code == 0, ended.output
    assert "hw1: 3 hand-ins, profile full, audit 1" in ended.output
    assert "3 trainings,    100 s each,   0.08 h  (2 hand-ins, 1 with weights; a CPU)" in ended.output
    assert "4 trainings,  not measured" in ended.output
    assert "with --workers 2; near misses come on top." in ended.output
    assert "Cheaper: --audit 0.1 (0.06 h)" in ended.output
    assert "Nothing was started." in ended.output
    assert not (tmp_path / "out").exists()


def test_no_hand_ins_are_wrong_use(assignment: Assignment, tmp_path: Path) -> None:
    """One sentence, as for a run."""
    with pytest.raises(GraderError, match="There is no folder"):
        plan(assignment, tmp_path / "nobody", "full", 1.0, None)
