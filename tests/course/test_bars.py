"""The table of bars holds what it promises: the reference passes with any seed, who learns no features does not."""

from __future__ import annotations

import ast
from fractions import Fraction

import pytest

from grader.course import find_course
from tests.docs.pages import script
from tests.sample_course import ROOT

COURSE = find_course(ROOT)
bars = script("bars")
TRAINING_PARTS = {"q3c", "q4d", "q6f", "q3g", "q3d", "q7e"}  # seven: hw1 and hw5 both have a q4d

ROWS = dict(bars.sections())
RULED = [name for name, row in ROWS.items() if "bars" in row and "exempt" not in row]


def test_every_part_that_trains_is_in_the_table() -> None:
    """Seven parts; each has bars in full and in quick, on the real data and where there is a stand-in on that."""
    assert {name.split(".")[1].split(",")[0].split()[0] for name in ROWS} == TRAINING_PARTS
    for name in ROWS:
        measure = name.rpartition(", ")[0]
        assert {f"{measure}, full", f"{measure}, real"} <= ROWS.keys()


@pytest.mark.parametrize("name", ROWS)
def test_the_reference_was_trained_over_seeds(name: str) -> None:
    """Five at least: of fewer, a standard deviation says nothing."""
    assert ROWS[name]["n"] >= 5


@pytest.mark.parametrize("name", RULED)
def test_a_bar_leaves_out_who_learns_nothing(name: str) -> None:
    """At least 0.08 above the linear model (hw1.q4d: above the same network on raw features), above chance and luck.

    A lower bar that earns a part is for those; a training set's own rows are also known by heart.
    """
    row = ROWS[name]

    assert max(row["bars"]) >= row["linear"] + bars.MARGIN
    assert min(row["bars"]) > max(row["untrained"], row.get("shuffled", 0.0))


@pytest.mark.parametrize("name", RULED)
def test_the_reference_passes_with_any_seed(name: str) -> None:
    """Three standard deviations below its mean, and no seed was below the bar."""
    row = ROWS[name]

    assert max(row["bars"]) <= row["mean"] - 3 * row["sd"]
    assert max(row["bars"]) <= row["lowest"] <= row["mean"]


@pytest.mark.parametrize("name", ROWS)
def test_bars_rise_with_their_shares_to_all(name: str) -> None:
    """The highest bar earns everything; a near miss of any is decided by a standard deviation that is stated."""
    row = ROWS[name]
    if "bars" not in row:
        return
    shares = [Fraction(share) for share in row.get("shares", ["1"])]

    assert len(shares) == len(row["bars"])
    assert shares == sorted(shares)
    assert row["bars"] == sorted(row["bars"])
    assert shares[-1] == 1
    assert 0 <= row["sd"] < 0.05


def test_the_checks_ask_for_measures_that_are_there() -> None:
    """Every `bars("...")` with a literal name, in every assignment."""
    for assignment in map(COURSE.assignment, COURSE.assignments):
        for question in assignment.questions:
            tree = ast.parse(question.checks.read_text(encoding="utf-8"))
            calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "bars"]
            for name in [c.args[0].value for c in calls if isinstance(c.args[0], ast.Constant)]:
                assert name in assignment.bars()
