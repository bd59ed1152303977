"""A person's marks beside the machine's: added up exactly, and never taken from practice."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from grader.errors import GraderError
from grader.marks import Mark, Marks, refuse_practice, standing, total
from grader.records import Marksheet
from tests.pages.sample import a_check, a_sheet

ESSAY = a_check("q1a.essay", "q1a.essay", 2.0, "manual")


def sheet(*checks: dict[str, Any], **manifest: Any) -> dict[str, Any]:
    return a_sheet("s1", {"q1_learning_rates": list(checks) or [a_check("t", "q1a", 2.0), ESSAY]}, **manifest)


def test_points_are_added_exactly() -> None:
    """0.1 and 0.2 are 0.3."""
    assert float(total([0.1, 0.2])) == 0.3


def test_without_marks_it_is_the_marksheet() -> None:
    """The machine's points; what it could not judge waits."""
    there = standing(sheet())

    assert there.parts == {"q1a": 2, "q1a.essay": 0}
    assert (there.score, there.most, there.waiting) == (2, 2 + 5, ("q1a.essay",))


def test_a_person_s_mark_stands_in_place_of_the_machine_s() -> None:
    """Of an essay and of a part that the machine judged; extra credit comes beside it, lateness is taken off."""
    given = Marks({"q1a.essay": Mark(Fraction(3, 2)), "q1a": Mark(Fraction(1), Fraction(1, 4))}, Fraction(1, 2))

    there = standing(sheet(), given)

    assert there.parts == {"q1a": Fraction(5, 4), "q1a.essay": Fraction(3, 2)}
    assert (there.score, there.waiting) == (Fraction(9, 4), ())


def test_extra_credit_alone_leaves_the_machine_s_points() -> None:
    """No mark is no zero."""
    assert standing(sheet(), Marks({"q1a": Mark(extra=Fraction(1))})).parts["q1a"] == 3


def test_points_add_up_in_tenths() -> None:
    """0.1 + 0.2 is 0.3."""
    checks = [a_check(f"t{i}", "q1a", 1.0, "partial", earned) for i, earned in enumerate((0.1, 0.2))]

    assert standing(sheet(*checks)).score == Fraction(3, 10)


def test_lateness_takes_no_more_than_there_is() -> None:
    """Nobody has less than nothing."""
    assert standing(sheet(), Marks(penalty=Fraction(100))).score == 0


def test_a_mark_of_a_part_that_is_gone_counts_nothing() -> None:
    """The assignment was changed since."""
    assert standing(sheet(), Marks({"q9z": Mark(Fraction(7))})).score == 2


TRAINED = {"trainings": [{"part": "q7e"}]}


@pytest.mark.parametrize(
    ("profile", "data", "run", "practice"),
    [
        ("full", {"cifar10": "official"}, TRAINED, False),
        ("full", {"cifar10": "images"}, TRAINED, False),
        ("full", {"cifar10": "stand-in"}, TRAINED, True),
        ("quick", {"cifar10": "official"}, TRAINED, True),
        ("quick", {"phantoms": "generated"}, {"trainings": []}, False),
        ("quick", {"cifar10": "official"}, {}, True),
        ("quick", {}, {}, False),
    ],
)
def test_what_is_practice(profile: str, data: dict[str, str], run: dict[str, Any], practice: bool) -> None:
    """Generated data always; the quick profile where something was trained, or where no run file tells."""
    graded = [Marksheet("s1", sheet(profile=profile, data=data), run)]

    refuse_practice(graded, allowed=True)
    if practice:
        with pytest.raises(
            GraderError, match=r"\(the first: s1\).*--profile full and the real data, or pass --practice"
        ):
            refuse_practice(graded, allowed=False)
    else:
        refuse_practice(graded, allowed=False)
