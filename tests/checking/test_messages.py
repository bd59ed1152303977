"""The sentences: what differs and where, in both languages, in the student's own words only where they are short."""

import numpy as np
import pytest

from grader.checking.close import close
from tests.checking.compared import said


@pytest.mark.parametrize(
    ("answer", "right", "whole", "each"),
    [
        (7.0, 2.0, "The value is not right.", "The value is not right."),
        ("b", "a", "The value is not right.", "The value is not right."),
        (
            [1, 2, 9, 5],
            [1, 2, 3, 4],
            "2 of 4 entries differ, the worst at position 3.",
            "2 of 4 entries differ, the worst at position 3.",
        ),
        (
            [[1, 2], [3, 9]],
            [[1, 2], [3, 4]],
            "1 of 4 entries differs, in row 2.",
            "1 of 4 entries differs, in row 2.",
        ),
        (np.ones((2, 3, 4)), np.zeros((2, 3, 4)), *["24 of 24 entries differ, the worst in row 1."] * 2),
        ({"conv1": 1, "conv3": 2}, {"conv1": 1, "conv3": 9}, "conv3 differs.", "1 of 2 entries differs: conv3."),
        (
            {"conv1": 1, "conv3": 2},
            {"conv1": 8, "conv3": 9},
            "conv1, conv3 differ.",
            "2 of 2 entries differ: conv1, conv3.",
        ),
        (
            {"w": [1, 2], "p": 1},
            {"w": [1, 3], "p": 1},
            "w: 1 of 2 entries differs, at position 2.",
            "1 of 3 entries differs: w.",
        ),
        ({"relu": {"cost": 1}}, {"relu": {"cost": 2}}, "relu.cost differs.", "1 of 1 entries differs: relu.cost."),
        ([(1, 2), 3], [(1, 2), 4], "row 2 differs.", "1 of 2 entries differs: row 2."),
        ({"a": 1}, {"a": 1, "b": 2, "c": 3}, *["Missing: b, c."] * 2),
        ({"a": 2, "A": 1}, {"a": 1}, "Not asked for: A.", "Not asked for: A. 1 of 1 entries differs: a."),
        ([1, 2], {"a": 1}, *["It gives a list where a dict was asked."] * 2),
        (None, {"a": 1}, *["Your function returned nothing: is there a `return`?"] * 2),
        ({"a": None}, {"a": 1}, *["a: It gives None where a number was asked."] * 2),
        ({"a": 1}, {"a": "adam"}, *["a: It gives a number where a text was asked."] * 2),
        (3.0, [(1, 2), 3], *["It gives a number where a list was asked."] * 2),
        ([1, 2, 3], [(1, 2), 3], *["The list has another length than asked; yours has 3."] * 2),
        (
            [(1, "x"), 3],
            [(1, 2), 3],
            *["row 1: A text came where a number was asked: leave out the quotation marks."] * 2,
        ),
        ([..., ...], [1, 2], *["Still `...`: 2."] * 2),
        (..., [(1, 2), 3], *["Still `...`: 2."] * 2),
        ({"a": ..., "b": ...}, {"a": [1, 2], "b": "x"}, *["Still `...`: 3."] * 2),
        (
            [float("nan"), float("inf")],
            [1, 2],
            *["2 of 2 entries differ, the worst at position 1. NaN or infinite: 2."] * 2,
        ),
    ],
)
def test_what_differs_is_said(answer, right, whole, each):
    """A place, a count, a key: never a value."""
    assert said(answer, close(right)) == whole
    assert said(answer, close(right, each=True)) == each
    assert said(answer, close(right), "fa") != whole


def test_persian_counts_in_persian_digits():
    """The Persian sentence is written, not translated word by word."""
    assert said([1, 2], close([1, 3]), "fa") == "۱ مقدار از ۲ مقدار درست نیست، در جایگاه ۲."


def test_what_was_recognised_is_not_called_wrong():
    """Only what earns nothing is counted as different."""
    comparer = close([[1.0, 2.0], [3.0, 4.0]], each=True, band=0.1)

    assert said([[1.05, 2.0], [9.0, 4.0]], comparer).startswith("1 of 4 entries differs, in row 2. 1 of 4 were rounded")


def test_a_students_own_key_is_cut_and_cleaned():
    """It cannot fill the page, end a line or open a tag of the terminal."""
    answer = {"b" * 500: 1, "\x1b[31m\n`": 2, **{f"k{i}": i for i in range(50)}}

    told = said(answer, close({"a": 1}))

    assert told == f"Missing: a. Not asked for: {'b' * 39}…, ?[31m??, k0, k1, k2, …."


def test_at_most_three_faults_are_named():
    """The rest is seen when these are mended."""
    answer = dict.fromkeys("abcde", "x")

    assert said(answer, close(dict.fromkeys("abcde", 1))).count("A text came") == 3


def test_unread_cells_are_no_differences():
    """A text, an open cell and a wrong one: each its own sentence, and the worst is the wrong one."""
    told = said([["1", 2], [..., 9.0]], close(np.ones((2, 2)), each=True))

    assert told == (
        "A text came where a number was asked: leave out the quotation marks. "
        "2 of 4 entries differ, the worst in row 2. Still `...`: 1."
    )
