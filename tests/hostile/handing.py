"""The sample course with a third question, whose checks hand on, divide by and compute with what was answered."""

from __future__ import annotations

from pathlib import Path

from tests.sample_course import copied_with

QUESTION = '''"""Numbers that are handed on from one function to the next.

What is asked is in each function's docstring. Example: none is needed.

References: any book on numbers.
"""

import numpy as np
from torch import nn


def first():
    """q3a: the row 1, 2, 3."""
    # BEGIN SOLUTION
    return np.array([1.0, 2.0, 3.0])
    # END SOLUTION


def second(x):
    """q3a: the sum of x."""
    # BEGIN SOLUTION
    return float(np.sum(x))
    # END SOLUTION


def rate():
    """q3b: the number 4."""
    # BEGIN SOLUTION
    return 4
    # END SOLUTION


def build():
    """q3c: a layer from 2 numbers to 3."""
    # BEGIN SOLUTION
    return nn.Linear(2, 3)
    # END SOLUTION


def words():
    """q3c: the text "a word"."""
    # BEGIN SOLUTION
    return "a word"
    # END SOLUTION


def pictures():
    """q3c: a list of one figure with one pair of axes."""
    # BEGIN SOLUTION
    from matplotlib import pyplot

    return [pyplot.subplots()[0]]
    # END SOLUTION
'''
CHECKS = '''"""Hidden checks of handing on."""

import math
import re

import numpy as np
import pytest
import torch

import grader.checking.plugin
from grader import close, points

grader.checking.plugin.PROOF_SECONDS = 1


@points(1, part="q3a")
def test_handed_on(submission):
    """The second function gets what the first has answered."""
    assert submission.second(submission.first()) == close(6.0)


@points(1, part="q3a")
def test_handed_on_in_a_list(submission):
    """The same, in lists."""
    assert submission.second([[[submission.first()]]]) == close(6.0)


@points(1, part="q3a")
def test_handed_to_ours(submission, solution):
    """Ours gets what yours has answered, as an array."""
    assert solution.second(np.array(submission.first())) == close(6.0)


@pytest.fixture
def asked(submission):
    return submission.rate()


@points(1, part="q3b")
def test_fixture(asked):
    """A fixture may ask."""
    assert asked == 4


@pytest.fixture
def divided(submission):
    return 8 / submission.rate()


@points(1, part="q3b")
def test_fixture_divides(divided):
    """A fixture may compute."""
    assert divided == 2.0


@pytest.fixture
def handed(submission):
    return submission.second(submission.first())


@points(1, part="q3a")
def test_handed_by_a_fixture(handed):
    """A fixture may hand on."""
    assert handed == close(6.0)


@points(1, part="q3b")
def test_divided(submission):
    """It divides eight."""
    assert 8 / submission.rate() == 2.0


@points(1, part="q3b")
def test_root(submission):
    """It has a root."""
    assert math.sqrt(submission.rate()) == 2.0


@points(1, part="q3b")
def test_rows(submission):
    """So many rows are there."""
    assert torch.ones(submission.rate(), 2).sum() == 8


@points(1, part="q3b")
def test_memory(submission):
    """So much memory is there."""
    assert np.ones(submission.rate()).sum() == 4


@points(1, part="q3b")
def test_first(submission):
    """It is among the numbers."""
    rate = submission.rate()
    assert next(n for n in range(1, 9) if n == rate) == 4


@points(1, part="q3b")
def test_pattern(submission):
    """It is a pattern."""
    assert re.fullmatch(f"{submission.rate()}", "4")


@points(1, part="q3c")
def test_picture(submission):
    """It shows pictures of one pair of axes."""
    assert [len(figure.axes) for figure in submission.pictures()] == [1]


@points(1, part="q3c")
def test_count(submission):
    """The layer has as many parameters as it should."""
    assert submission.build().count == 9


@points(1, part="q3c")
def test_that_is_broken(submission):
    """Nobody can be asked this."""
    assert submission.second({1, 2}) == close(3.0)
'''
WORDS = '''

@points(0.25, part="q3c")
def test_words_{number}(submission):
    """It says a word."""
    words = submission.words()
    assert words == "a word", f"{{words}} was not asked."
'''
CHECKS += "".join(WORDS.format(number=number) for number in range(20))
PERSIAN = """statement = "عددهایی که دست به دست می‌شوند."

[says]
test_handed_on = "تابع دوم پاسخ تابع نخست را می‌گیرد."
test_handed_on_in_a_list = "همان، درون فهرست‌ها."
test_handed_to_ours = "تابع ما پاسخ شما را به شکل آرایه می‌گیرد."
test_fixture = "چهار است."
test_fixture_divides = "نتیجهٔ تقسیم درست است."
test_handed_by_a_fixture = "همان، پیش از آزمون."
test_divided = "هشت بر آن بخش‌پذیر است."
test_root = "ریشه دارد."
test_rows = "همین تعداد سطر هست."
test_memory = "همین مقدار حافظه هست."
test_first = "میان عددهاست."
test_pattern = "الگوست."
test_picture = "تصویرهایی با یک جفت محور نشان می‌دهد."
test_that_is_broken = "این را از کسی نمی‌توان پرسید."
test_count = "لایه به همان اندازه پارامتر دارد."
"""
TITLES = """
[question.q3_on]
title.en = "Handing on"
title.fa = "دست به دست"
parts."q3a" = { en = "On", fa = "ادامه" }
parts."q3b" = { en = "A rate", fa = "یک نرخ" }
parts."q3c" = { en = "A layer", fa = "یک لایه" }
"""


def handing_course(folder: Path) -> Path:
    """The course at `folder`; the question is q3_on."""
    course = copied_with(folder, "q3_on", QUESTION, CHECKS, TITLES)
    (course / "solutions" / "hw1" / "q3_on.fa.toml").write_text(PERSIAN, encoding="utf-8")
    return course
