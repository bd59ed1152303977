"""Bars: what an accuracy earns, and which first runs are trained again before they are refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking import ledger
from grader.checking.bars import Accuracy, bars_of, reached
from grader.course import find_course
from grader.errors import CourseError
from tests.sample_course import copied

BAR = reached({0.80: 1}, sd=0.01)


def accuracy_of(*runs: float | None) -> Accuracy:
    """The accuracy of a training whose further seeds give the further values."""
    asked: list[int] = []

    def again(number: int) -> float | None:
        asked.append(number)
        return runs[number]

    def nothing() -> None: ...

    made = Accuracy(runs[0] or 0.0, again=again, audit=nothing, losses=[], look_back=nothing, entry={})
    made.asked = asked  # type: ignore[attr-defined]
    return made


def judged(bar: reached, *runs: float | None) -> tuple[float, int, str]:
    """The share, how many further seeds were trained, and what the student reads."""
    accuracy = accuracy_of(*runs)
    with ledger.opened() as book:
        right = accuracy == bar
    text = book.texts[0].en if book.texts else ""
    return float(book.share) if right else 0.0, len(accuracy.asked), text  # type: ignore[attr-defined]


def test_a_first_run_at_the_bar_is_never_revoked() -> None:
    """It passes without another training, whatever the next seeds would have given."""
    assert judged(BAR, 0.80, 0.1, 0.1) == (1, 0, "")


def test_a_clear_miss_is_not_trained_again() -> None:
    """Three standard deviations below the bar no seed helps."""
    assert judged(BAR, 0.77, 1.0, 1.0)[:2] == (0, 0)


def test_a_near_miss_passes_by_its_mean() -> None:
    """The second seed lifts the mean over the bar: no third is needed."""
    assert judged(BAR, 0.79, 0.82, 0.1) == (1, 1, "")


def test_what_has_decided_can_be_read() -> None:
    """A check that says why somebody is below a bar looks at the mean where it has lifted them over it."""
    decided = []
    for runs in [(0.80, 1.0), (0.79, 0.82), (0.79, 0.70, 0.75), (0.5, 1.0)]:
        accuracy = accuracy_of(*runs)
        with ledger.opened():
            _ = accuracy == BAR
        decided.append(accuracy.decided)

    assert decided == [0.80, 0.805, 0.79, 0.5]


def test_a_tie_counts_for_the_student() -> None:
    """0.79, 0.80 and 0.81 make 0.80, however floats add up."""
    assert judged(BAR, 0.79, 0.80, 0.81) == (1, 2, "")


def test_a_near_miss_may_stay_one() -> None:
    """Three seeds and a mean below: the student reads all of them, and that the average decides."""
    share, further, text = judged(BAR, 0.79, 0.80, 0.80)

    assert (share, further) == (0, 2)
    assert "trained 3 times" in text
    assert "79.00, 80.00, 80.00 % of the rows, 79.66 % on average; the average decides" in text
    assert text.endswith("Points begin at 80 %, and that earns everything.")


def test_a_part_of_the_points_says_for_what() -> None:
    """Which bar was reached and which was not; below all of them, where points begin; in Persian digits in Persian."""
    bars = reached({0.60: 1 / 3, 0.725: 2 / 3, 0.80: 1})

    assert judged(bars, 0.75)[2] == (
        "Your network names the right label for 75.00 % of the rows. "
        "That is over the bar of 72.5 %, which earns a part of the points; 80 % earns everything."
    )
    assert judged(bars, 0.5)[2].endswith("Points begin at 60 %; 80 % earns everything.")
    with ledger.opened() as book:
        _ = accuracy_of(0.7421) == bars
    assert "برچسب ۷۴٫۲۱٪ از سطرها" in book.texts[0].fa
    assert "مرز ۷۲٫۵٪" in book.texts[0].fa


def test_who_is_below_a_bar_does_not_read_the_bar() -> None:
    """0.79999 is 79.99 %, not 80."""
    assert "for 79.99 % of the rows" in judged(reached({0.80: 1}), 0.79999)[2]


def test_a_seed_that_breaks_off_ends_the_matter() -> None:
    """What was trained till then decides."""
    assert judged(BAR, 0.79, None, 1.0)[:2] == (0, 1)


def test_without_a_standard_deviation_one_run_decides() -> None:
    """Nobody knows what would be near."""
    assert judged(reached({0.80: 1}), 0.7999, 1.0)[:2] == (0, 0)


def test_the_next_bar_is_the_one_that_may_be_near() -> None:
    """Graded credit: the bar reached first is kept, and a near miss of the next is trained again."""
    bars = reached({0.60: 1 / 3, 0.70: 2 / 3, 0.80: 1}, sd=0.01)

    assert judged(bars, 0.69, 0.71, 0.1)[:2] == (pytest.approx(2 / 3, abs=1e-4), 1)
    assert judged(bars, 0.69, 0.5, 0.5)[:2] == (pytest.approx(1 / 3, abs=1e-4), 2)  # 0.60 stays: the first run had it
    assert judged(bars, 0.65, 1.0, 1.0)[:2] == (pytest.approx(1 / 3, abs=1e-4), 0)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 0.1))
def test_further_seeds_never_take_anything(runs: list[float], sd: float) -> None:
    """Whoever is trained again has at least what the first run earned."""
    levels = {0.6: Fraction(1, 3), 0.8: Fraction(1)}

    assert judged(reached(levels, sd=sd), *runs)[0] >= judged(reached(levels), runs[0])[0] - 1e-12


def test_who_earns_something_is_audited() -> None:
    """Nobody looks for cheats among those who earn nothing."""
    seen: list[float] = []
    for value in (0.5, 0.9):
        accuracy = accuracy_of(value)
        accuracy.audit = lambda value=value: seen.append(value)  # type: ignore[misc]
        _ = accuracy == BAR

    assert seen == [0.9]


def test_bars_are_read_from_the_assignment(tmp_path: Path) -> None:
    """Levels, shares and the standard deviation; what is missing is named, with the line to add."""
    assignment = find_course(copied(tmp_path / "course")).assignment("hw1")
    (assignment.folder / "bars.toml").write_text(
        '["q1a".real]\nbars = [0.7, 0.8]\nshares = ["1/2", "1"]\nsd = 0.01\n["q1b".real]\nsd = 0.1\n', encoding="utf-8"
    )
    found = bars_of(assignment, "q1a", "real")

    assert (found.bars, found.sd, found.top) == ({0.7: Fraction(1, 2), 0.8: 1}, 0.01, 0.8)
    for measure, source in (("q1a", "full"), ("q1b", "real"), ("q9", "real")):
        with pytest.raises(CourseError, match=f'no bars for "{measure}" with the source {source}; add'):
            bars_of(assignment, measure, source)


@pytest.mark.parametrize(
    ("accuracy", "share"), [(0.59, None), (0.6, "1/3"), (0.7, "2/3"), (0.79, "2/3"), (0.8, "1"), (1.0, "1")]
)
def test_a_bar_that_is_reached_counts(accuracy: float, share: str | None) -> None:
    """At the bar is over the bar; the highest one counts."""
    with ledger.opened() as book:
        right = accuracy == reached({0.80: 1, 0.60: 2 / 6, 0.70: 4 / 6})

    assert right is (share is not None)
    assert book.shares == ([Fraction(share)] if share else [])
    assert bool(book.texts) is (share != "1")


@pytest.mark.parametrize("accuracy", [float("nan"), float("inf"), -0.1, 90, "0.9"])
def test_what_is_no_accuracy_is_told_so(accuracy: object) -> None:
    """It reaches no bar, and nothing is raised."""
    with ledger.opened() as book:
        assert (accuracy == reached({0.6: 1})) is False

    assert book.texts[0].en.startswith("An accuracy is a number from 0 to 1")


@pytest.mark.parametrize("bars", [{0.5: 4}, {60: 1}, {-0.1: 1}])
def test_bars_and_shares_are_no_percents(bars: dict[float, float]) -> None:
    """Four times the points would be given else."""
    with pytest.raises(CourseError, match=r"reached\("):
        reached(bars)


def test_bars_are_asked_for() -> None:
    """`reached({})` is the author's slip."""
    with pytest.raises(CourseError, match="at least one bar was asked"):
        reached({})
