"""One ledger a check: what comparers recognised, and nothing that another check did."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grader.checking.ledger import Ledger, current, hint, hint_of, opened
from grader.records import Text

SHARES = st.integers(0, 100).map(lambda hundredths: hundredths / 100)


@given(st.lists(SHARES, max_size=6))
def test_the_smallest_share_counts(shares: list[float]) -> None:
    """A check is worth as much as its worst answer; without any remark it is worth everything."""
    book = Ledger()
    for share in shares:
        book.recognise(share)

    assert book.share == min((Fraction(str(share)) for share in shares), default=1)


@given(SHARES)
def test_written_shares_are_meant_as_written(share: float) -> None:
    """0.6 is three fifths and not the nearest binary fraction: points come out even."""
    book = Ledger()
    book.recognise(share)

    assert book.share == Fraction(str(share))


def test_a_hint_is_its_sentence() -> None:
    """`assert right, hint(...)` shows the sentence; the key finds its Persian."""
    made = hint("quarter", "The quarter is missing.")

    assert (made, made.key) == ("The quarter is missing.", "quarter")
    assert str(AssertionError(made)) == "The quarter is missing."


def test_a_hint_is_found_by_its_sentence() -> None:
    """An assertion's message comes back from pytest as plain text; it is still the hint."""
    made = hint("turned", "The filter is turned here.")

    assert hint_of("The filter " + "is turned here.") is made
    assert hint_of("Something else.") is None


def test_each_check_has_a_ledger_of_its_own() -> None:
    """What one check found is not the next one's."""
    with opened() as first:
        current().recognise(0.5)
    with opened() as second:
        pass

    assert (first.share, second.share) == (Fraction(1, 2), 1)


def test_a_check_within_a_check_writes_into_its_own() -> None:
    """Running a check for another variant leaves the outer ledger as it is."""
    with opened() as outer:
        with opened():
            current().differ(Text("No."))
        current().recognise(1)

    assert (outer.texts, outer.shares) == ([], [1])


def test_outside_of_checks_nothing_is_kept() -> None:
    """A comparer tried by hand writes into a ledger that nobody reads."""
    current().recognise(0)

    assert current().shares == []


def test_what_differs_keeps_the_expected_value_apart() -> None:
    """The student's text and the instructor's detail are two lists."""
    book = Ledger()
    book.differ(Text("It differs."), "expected 4")

    assert ([t.en for t in book.texts], book.details) == (["It differs."], ["expected 4"])
