"""The table of a class: every point is in it, what is not judged stays empty, and no name can run."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from grader.results import results_csv
from tests.pages.sample import SCORES, a_check, a_class, a_sheet


def table(sheets: list[dict[str, Any]]) -> list[list[str]]:
    return list(csv.reader(StringIO(results_csv(sheets), newline=""), strict=True))


def test_the_table_has_every_point() -> None:
    """One row a student: the totals, each question's score, each part's points earned."""
    head, *students = table(a_class())

    assert head == ["student", "score", "max_score", "bonus_points", "manual_points", "manual_bonus",
                    "q1_learning_rates", "q2_conv_backprop", "q1a", "q1b", "q2.dF"]  # fmt: skip
    assert students[2] == ["s2", "7", "9", "0", "5", "0", "2.5", "4.5", "2", "0.5", "4.5"]
    assert [float(row[1]) for row in students] == [sum(earned) for earned in SCORES]


def test_what_is_not_judged_stays_empty() -> None:
    """An ungraded part is an empty cell, never a zero; so is a part that a student's marksheet does not have."""
    learning = [a_check("t", "q1a", 2.0, "ungraded"), a_check("u", "q1b", 1.0, "failed")]
    backprop = [a_check("t", "q2.dF", 6.0)]
    sheets = [a_sheet("s0", {"q1_learning_rates": learning}), a_sheet("s1", {"q2_conv_backprop": backprop})]

    assert [row[6:] for row in table(sheets)] == [
        ["q1_learning_rates", "q2_conv_backprop", "q1a", "q1b", "q2.dF"],
        ["0", "", "", "0", ""],
        ["", "6", "", "", "6"],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_no_name_is_a_formula(name: str) -> None:
    """A name that a spreadsheet would run gets an apostrophe before it; other names are left alone."""
    assert table([a_sheet(name)])[1][0].startswith("'")
    assert table([a_sheet("s-1=2")])[1][0] == "s-1=2"


def test_a_number_below_zero_stays_a_number() -> None:
    """Only texts are guarded: a negative score is still a number to the spreadsheet."""
    assert table([{**a_sheet(), "score": -1.5}])[1][1] == "-1.5"


def test_the_table_is_rfc_4180() -> None:
    """Lines end in CRLF, every row has as many cells, quotes and commas in a name survive."""
    text = results_csv([a_sheet('a "b", c'), a_sheet("s1")])

    assert text.count("\r\n") == 3
    assert text.replace("\r\n", "").count("\n") == 0
    assert '"a ""b"", c"' in text
    assert len({len(row) for row in csv.reader(StringIO(text, newline=""))}) == 1


def test_a_name_cannot_hide_in_the_table() -> None:
    """Control and bidi characters in a name are visible marks."""
    assert table([a_sheet("a\u202eb\x1b")])[1][0] == "a⟦U+202E⟧b⟦U+001B⟧"


def test_the_same_class_has_the_same_table() -> None:
    """The order of the files changes no byte."""
    assert results_csv(a_class()) == results_csv(a_class()[::-1])
