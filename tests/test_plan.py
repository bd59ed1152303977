"""The bill: which trainings a run would start, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.checking.draws import lot
from grader.course import Course, find_course
from grader.errors import GraderError
from grader.marksheets import read_results
from grader.plan import Item, Plan, plan
from grader.run import Order, run
from grader.sandbox.isolated_call import Lost
from tests.commandline import typed
from tests.prices import CARD, prices, trained_weights, with_prices, without_prices
from tests.sample_course import ROOT, copied, lay, stubs

TABLE = """
["q1a".full]
bars = [0.8]
seconds = 100.0
device = "a CPU"
["q1a training rows".full]
bars = [0.8]
seconds = 100.0
["q2a".full]
bars = [0.8]
runs = 2
["q2a".stand-in]
seconds = 3.0
["q2a".real]
seconds = 4.0
["q2b".full]
seconds = 3.0
["q9z".full]
seconds = 5.0
"""
WEIGHTS = "[question.q1_rows]\nweights = { part = 'q1a', file = 'w.safetensors', build = 'b', train = 't', data = 'x' }"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The sample course with a table of bars, and six hand-ins, of which three train the first question."""
    found = find_course(copied(tmp_path / "course"))
    folder = found.solutions / "hw1"
    (folder / "bars.toml").write_text(TABLE, encoding="utf-8")
    found.datasets.mkdir()
    (found.datasets / "x.toml").write_text(CARD, encoding="utf-8")
    table = (folder / "assignment.toml").read_text("utf-8").replace("[question.q1_rows]", WEIGHTS)
    (folder / "assignment.toml").write_text(table.replace("bonus = [", 'data = ["x"]\nbonus = [', 1), encoding="utf-8")
    one, two = "q1_rows.py", "q2_table.py"
    for student, files in {
        "s1": {one: b"x = 1", two: b"x = 1"},
        "s2": {one: b"x = 1", "w.safetensors": b"weights"},
        "s3": {one: "# -*- coding: latin-1 -*-\nx = 1  # \u06cc".encode()},
        "unwritten": {one: stubs()[one]},
        "syntax": {one: b"def mean(:\n", two: b"return 1"},
    }.items():
        lay(tmp_path / "in" / student, files)
    (tmp_path / "in" / "s4.zip").write_bytes(b"no archive")
    return found


def planned(course: Course, profile: str, audit: float) -> Plan:
    found, hand_ins = plan(course, course.assignment("hw1"), course.root.parent / "in", profile, audit, None)
    assert hand_ins == 6
    return found


def test_every_training_is_counted_once(course: Course) -> None:
    """By hand-ins that have the part; weights, a second measure, stubs and broken modules train nothing."""
    found = planned(course, "full", 0.0)

    assert [(i.measure, i.hand_ins, i.with_weights, i.seconds) for i in found.items] == [
        ("q1a", 3, 1, 100.0),
        ("q2a", 1, 0, None),
        ("q2b", 1, 0, 3.0),
    ]
    assert [found.times(item) for item in found.items] == [2, 2, 1]
    assert found.hours() == pytest.approx(203 / 3600)


def test_every_hand_in_is_told_as_it_is_read(course: Course) -> None:
    """Reading a large class takes more than two seconds."""
    told: list[int] = []
    plan(course, course.assignment("hw1"), course.root.parent / "in", "full", 1.0, None, told.append)

    assert told == [6] * 6


def test_the_audit_has_its_price(course: Course) -> None:
    """In full who has a bar is trained once more, the worst of several once; in quick only who brings weights."""
    full, quick = planned(course, "full", 1.0), planned(course, "quick", 1.0)

    assert [full.times(item) for item in full.items] == [5, 3, 1]
    assert [quick.times(item) for item in quick.items] == [3, 1, 1]


def test_a_share_is_who_is_drawn(course: Course) -> None:
    """The lots are those of the run: whoever is below the share, the same students every time."""
    hw1 = course.assignment("hw1")
    lots = sorted(lot(course, hw1, student) for student in ("s1", "s2", "s3"))
    found = [planned(course, "full", share).items[0].times(share) for share in (lots[0], lots[1], 1.0)]

    assert found == [2, 3, 5]
    assert Plan((Item("q1a", 10, 0, 360.0, "", lots=(0.05, 0.5)),), 1.0).cheaper.hours() == pytest.approx(1.1)


@pytest.mark.parametrize("here", [False, True])
def test_quick_takes_the_seconds_of_the_data_that_are_there(course: Course, tmp_path: Path, here: bool) -> None:
    """A folder of data that lacks the set is none, and a set that lies where it was fetched to needs no --data."""
    (tmp_path / "empty").mkdir()
    if not here:
        (course.datasets / "x.toml").write_bytes((ROOT / "datasets" / "mnist.toml").read_bytes())
    hw1, data = course.assignment("hw1"), None if here else tmp_path / "empty"
    found, _ = plan(course, hw1, tmp_path / "in", "quick", 1.0, data)

    assert [(i.measure, i.seconds) for i in found.items][:2] == [("q1a", None), ("q2a", 4.0 if here else 3.0)]


def test_a_text_that_no_parser_survives_costs_nobody_else(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that parses is lost: then every module counts as one that trains."""

    def lost(*asked: object) -> dict[str, Any]:
        raise Lost("killed")

    monkeypatch.setattr("grader.plan.isolated_call", lost)

    assert planned(course, "full", 0.0).items[0].hand_ins == 4


def test_without_a_table_nothing_trains(tmp_path: Path) -> None:
    """An assignment without trainings has no bill."""
    course = find_course(copied(tmp_path / "course"))
    lay(tmp_path / "in" / "s1", {"q1.py": b"x = 1"})

    assert plan(course, course.assignment("hw1"), tmp_path / "in", "full", 1.0, None)[0].items == ()


def test_bars_in_checks_are_said_not_to_count(tmp_path: Path) -> None:
    """Zero trainings of an assignment without a table would be taken for a promise."""
    course = find_course(copied(tmp_path / "course"))
    lay(tmp_path / "in" / "s1", {"q1.py": b"x = 1"})

    ended = typed("run", "hw1", "--plan", "--submissions", str(tmp_path / "in"), folder=course.root)

    assert "hw1 has no bars.toml: trainings with bars in their checks are not counted." in ended.output


def test_the_command_prints_the_bill_and_starts_nothing(course: Course, tmp_path: Path) -> None:
    """Trainings, hours, cheaper flags; no results, no page."""
    words = ("run", "hw1", "--plan", "--profile", "full", "--submissions", str(tmp_path / "in"))
    ended = typed(*words, "--workers", "2", "--out", str(tmp_path / "out"), folder=course.root)

    assert ended.exit_code == 0, ended.output
    assert "hw1: 6 hand-ins, profile full, audit 1" in ended.output
    assert "5 trainings,    100 s each,   0.14 h  (3 hand-ins, 1 with weights; a CPU)" in ended.output
    assert "3 trainings,  not measured" in ended.output
    assert "Not in the sum, for nobody has measured it: q2a." in ended.output
    assert "with --workers 2; near misses come on top." in ended.output
    assert "Cheaper: --audit 0.1 (" in ended.output
    assert "no bars.toml" not in ended.output
    assert "Nothing was started." in ended.output
    assert not (tmp_path / "out").exists()


def test_the_bill_lists_what_will_be_trained(course: Course, tmp_path: Path) -> None:
    """A training that nobody has written is no line of it, and one is one training; one hand-in fills one worker."""
    lay(tmp_path / "one" / "s1", {"q1_rows.py": b"x = 1"})
    words = ("run", "hw1", "--plan", "--workers", "2", "--submissions", str(tmp_path / "one"))
    ended = typed(*words, folder=course.root)

    assert [line.split("  ")[1] for line in ended.stdout.splitlines() if line.startswith("  ")] == ["q1a"]
    assert "       1 training," in ended.stdout
    assert " 0 trainings" not in ended.stdout
    assert "one after another; near misses" in ended.stdout


def test_no_hand_ins_are_wrong_use(course: Course, tmp_path: Path) -> None:
    """One sentence, as for a run."""
    with pytest.raises(GraderError, match="There is no folder"):
        plan(course, course.assignment("hw1"), tmp_path / "nobody", "full", 1.0, None)


def test_a_run_trains_what_was_planned(tmp_path: Path) -> None:
    """Code, weights, a stub, a broken module, no archive: all once more in full, in quick those drawn with weights."""
    course, hw1 = prices(tmp_path / "course")
    place = tmp_path / "in"
    for number in range(2):
        lay(place / f"code{number}", with_prices())
        lay(place / f"weights{number}", {**with_prices(), "weights.safetensors": trained_weights(course)})
    lay(place / "stub", without_prices(hw1))
    lay(place / "syntax", with_prices("def build(:\n"))
    (place / "torn.zip").write_bytes(b"no archive")
    some = sorted(lot(course, hw1, f"weights{number}") for number in range(2))[1]  # one of them is drawn
    counted = []
    for profile, audit in (("full", 1.0), ("quick", some)):
        found, _ = plan(course, hw1, place, profile, audit, None)
        out = tmp_path / profile
        order = Order(course, hw1, place, out, workers=2, profile=profile, audit=audit, trusted=True)
        run(order)
        trainings = [training for one in read_results(out / "hw1") for training in one.run["trainings"]]
        counted.append((sum(map(found.times, found.items)), sum(not one["handed_in"] for one in trainings)))

    assert counted == [(6, 6), (3, 3)]
