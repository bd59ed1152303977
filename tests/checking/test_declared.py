"""What the author says about a check, and how a slip of the pen is answered."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader import inside, needs, points
from grader.checking.declared import Declared, declared_by


def test_points_and_part_are_read_off_the_function() -> None:
    """The decorator leaves the function as it is and notes what it is worth."""

    @points(3.75, part="q1c.mish")
    def check() -> str:
        return "itself"

    assert (declared_by(check).points, declared_by(check).part, check()) == (Fraction(15, 4), "q1c.mish", "itself")


def test_decorators_may_stand_in_any_order() -> None:
    """@points and @needs add to one another."""

    def check() -> None: ...

    one = needs(minutes=10, gpu=True)(points(6, part="q7e")(check))
    assert declared_by(one) == Declared(Fraction(6), "q7e", 10, 2, True)

    def other() -> None: ...

    two = points(6, part="q7e")(needs(minutes=10, threads=4)(other))
    assert declared_by(two) == Declared(Fraction(6), "q7e", 10, 4, False)


@pytest.mark.parametrize("worth", [0, -1, 0.3, 1.1])
def test_points_are_quarters(worth: float) -> None:
    """Thirds and tenths would not add up to what the sheet says."""
    with pytest.raises(ValueError, match=r"@points\(.*\): a positive multiple of 0\.25 was asked"):
        points(worth, part="q1a")


@pytest.mark.parametrize(
    "budget", [{"minutes": 0}, {"minutes": -5}, {"minutes": float("nan")}, {"minutes": 1, "threads": 0}]
)
def test_a_budget_is_some_time_on_some_threads(budget: dict[str, float]) -> None:
    """A training without a budget would stand in no plan."""
    with pytest.raises(ValueError, match="minutes above 0 and whole threads were asked"):
        needs(**budget)  # type: ignore[arg-type]


def test_a_function_without_a_word_has_none() -> None:
    """Whoever collects checks sees that nothing was said."""
    assert declared_by(lambda: None).points is None


def test_inside_marks_and_changes_nothing() -> None:
    """A function sent in beside the student's code can still be called here."""

    @inside
    def double(x: int) -> int:
        return 2 * x

    assert double(2) == 4
    assert double.__inside__  # type: ignore[attr-defined]
