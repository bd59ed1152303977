"""Where symbols live: each form is read as it says, and whatever is none of them is one sentence to the author."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.checking.symbolic.domains import domain
from grader.errors import CourseError


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("real", ["-5", "0", "7/3"], []),
        ("positive", ["1/9"], ["0", "-1"]),
        ("negative", ["-1/9"], ["0", "1"]),
        ("in(0, 1)", ["1/2"], ["0", "1"]),
        ("in(-.5,2.)", ["-1/4", "1"], ["-1/2", "2"]),
        ("integer>=2", ["2", "7"], ["1", "5/2"]),
        ("integer", ["-2", "3"], ["1/2"]),
        ("label01", ["0", "1"], ["-1"]),
        ("label+-1", ["-1", "1"], ["0"]),
    ],
)
def test_a_domain_holds_what_it_says(text: str, inside: list[str], outside: list[str]) -> None:
    """Intervals are open: at their ends a formula need not have a value."""
    found = domain("x", text)

    assert [value for value in inside if not found.holds(Fraction(value))] == []
    assert [value for value in outside if found.holds(Fraction(value))] == []


@pytest.mark.parametrize(
    ("text", "x", "settled"), [("integer", "7/3", "2"), ("integer>=2", "1/5", "2"), ("real", "1/5", "1/5")]
)
def test_a_value_settles_where_it_may_live(text: str, x: str, settled: str) -> None:
    """At the nearest integer of the domain, where only integers are in it."""
    assert domain("n", text).settled(Fraction(x)) == Fraction(settled)


@pytest.mark.parametrize(
    "text", ["", "complex", "in(1,0)", "in(0,0)", "in(0,1.2.3)", "in(.,1)", "in(0;1)", "integer>=a"]
)
def test_what_is_no_domain_is_one_sentence(text: str) -> None:
    """It names the symbol and every form that there is."""
    with pytest.raises(CourseError, match=r"the domain of x is .*; write real, positive, .* or label\+-1"):
        domain("x", text)
