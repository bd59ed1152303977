"""Nobody turns a wrong answer into "not judged": whatever is answered, the verdict is ours, and it is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.checking.verifier import Verifier
from grader.records import Finding, Submission
from tests.frames import SAYING
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
OVER = (
    "test_fixture",
    "test_fixture_divides",
    "test_divided",
    "test_root",
    "test_rows",
    "test_memory",
    "test_first",
    "test_pattern",
)

LARGE = {  # answers to `first` just under a limit of the wire, or of a kind that goes one way only
    "many values": "return [0] * 199_990",
    "deep": "x = []\n    for _ in range(60): x = [x]\n    return x",
    "much text": "return 'x' * ((1 << 20) - 60)",
    "many arrays": "return [np.zeros(0)] * 19_999",
    "long arrays": "return np.ones(1 << 28, np.uint8).repeat(3)",
    "texts": "return ['a', 'b', 'c']",
    "ragged": "return [{}, [1]]",
    "a formula": "import sympy\n    return sympy.Symbol('x')",
    "a figure": "from matplotlib import pyplot\n    return pyplot.figure()",
    "a network": "return nn.Linear(2, 2)",
    "a long key": SAYING.replace("\n", "\n    ") + "\n    reply(['d', [['value', ['d', [[1 << 63, 0]]]]]])",
    "too many values": SAYING.replace("\n", "\n    ") + "\n    reply(['d', [['value', ['l', [0] * 900_000]]]])",
}
ODD = [
    "0",
    "0.0",
    "-1",
    "10 ** 400",
    "1 << 62",
    "10 ** 15",
    "float('nan')",
    "float('inf')",
    "1e-320",
    "'('",
    "b'4'",
    "[5]",
    "None",
    "np.zeros((2, 2))",
    "np.array('4', 'M8[s]')",
    "1j",
    "{}",
    "''",
    "'4' * 600_000",
    "[[]] * 90_000",
]
ROW = "['l', ['weight', ['l', {shape}], True, True, '']]"


def told(shape: str) -> str:
    """A network that says of itself that it has one parameter of this shape."""
    row = ROW.format(shape=shape)
    layers = "['l', [['l', ['', 'Net', ['d', []], True]]]]"
    items = f"[['number', 0], ['table', ['l', [{row}]]], ['layers', {layers}]]"
    return f"reply(['d', [['value', ['m', 'network', ['d', {items}]]]]])"


NETS = {
    "of numbers that nobody writes out": told("[['i', b'\\x7f' * 513]] * 32"),
    "of a negative side": told("[-3, -3]"),
    "of a side beyond every memory": told("[9, 1 << 60, 0]"),
    "of very many sides": told("[1 << 62] * 100_000"),
}


WRONG = """
def first(): return np.zeros(3)
def rate(): return 5
def build(): return nn.Linear(2, 2)
def words(): return ""
def pictures(): return []
"""


@pytest.fixture(scope="module")
def handing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifier]:
    course = copied_with(tmp_path_factory.mktemp("handing") / "course", "q3_on", QUESTION, CHECKS, TITLES)
    (course / "solutions" / "hw1" / "q3_on.fa.toml").write_text(PERSIAN, encoding="utf-8")
    started = Verifier(course, "hw1", questions=["q3_on"], trusted=True)
    yield started
    started.close()


def findings(verifier: Verifier, added: str) -> dict[str, Finding]:
    files = {"q3_on.py": f"{QUESTION}\n\n{added}\n".encode()}
    verdict = verifier.grade(Submission("s", "", files), 0)
    assert verdict is not None, verifier.loss
    return {finding.check.id: finding for finding in verdict.findings}


def test_who_is_right_is_right(handing: Verifier) -> None:
    """The checks can be passed, and failed; what is a check's own fault is never the student's."""
    right, wrong = findings(handing, ""), findings(handing, WRONG)

    assert {str(right.pop("test_that_is_broken").outcome), str(wrong.pop("test_that_is_broken").outcome)} == {
        "ungraded"
    }
    assert {str(found.outcome) for found in right.values()} == {"passed"}
    assert {str(found.outcome) for found in wrong.values()} == {"failed"}


@pytest.mark.parametrize("name", LARGE)
def test_an_answer_that_cannot_be_handed_on_is_judged(handing: Verifier, name: str) -> None:
    """Each is an answer that crosses; as an argument, or in one, it may be too much."""
    found = findings(handing, f"def first():\n    {LARGE[name]}\ndef second(x): return 6.5")

    handed = [finding for check, finding in found.items() if check.startswith("test_handed")]
    assert {str(finding.outcome) for finding in handed} <= {"failed", "crashed"}, handed
    assert {finding.share for finding in handed} == {0}


@pytest.mark.parametrize("answer", ODD)
def test_an_answer_over_which_a_check_stumbles_is_judged(handing: Verifier, answer: str) -> None:
    """Whatever a check's own code raises over it, the right answer passes there: it is a wrong one."""
    found = findings(handing, f"def rate(): return {answer}")
    over = [found[check] for check in OVER]

    assert {(str(finding.outcome), finding.share) for finding in over} == {("failed", 0)}, over


@pytest.mark.parametrize("name", NETS)
def test_a_network_that_lies_without_measure_is_judged(handing: Verifier, name: str) -> None:
    """What it says of itself may be anything; what we make of it is a verdict."""
    found = findings(handing, f"{SAYING}\ndef build():\n    {NETS[name]}")["test_count"]

    assert (str(found.outcome), found.share) == ("failed", 0), found


DEAR = """
import numpy as np
import grader.sandbox.describe as describe
import grader.sandbox.worker as worker

SHARE, TENSORS, SIZE = 8, 40, 10 ** 6  # a tensor is tried eight times, with as many noises as it has entries
loads = []

def described(net, handles):
    rows = [[f"p{n}", (SIZE,), False, True, ""] for n in range(TENSORS)]
    table = [["weight", (9,), True, True, ""], *rows]
    return {"number": handles.number(net), "table": table, "layers": [["", "Net", {}, True]]}

def asked(net, request):
    if request["op"] == "load":
        loads.append(len(request["weights"]))
    if request["op"] == "weights":
        return {"weight": np.zeros(9), **{f"p{n}": np.zeros(SIZE, "u1") for n in range(TENSORS)}}
    return np.full(3, loads.count(1) // SHARE) if request["op"] == "forward" else None

describe.describe_network = worker.describe_network = described
worker.StudentDesk.do_network = lambda self, request: {"value": asked(None, request)}
"""


def test_a_network_whose_proof_takes_minutes_is_judged(handing: Verifier) -> None:
    """What is drawn to prove it is bounded, as what the check computes is."""
    found = findings(handing, DEAR)["test_count"]

    assert (str(found.outcome), found.share) == ("failed", 0), found


PICTURES = """
def pictures():
    png = b"\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR" + b"\\0\\0\\0\\1" * 2 + bytes(1 << 19)
    figures = [["m", "figure", ["d", [["axes", ["l", []]], ["title", ""], ["png", ["b", n]]]]] for n in range(200)]
    reply(["d", [["value", ["l", figures]]]], *[png] * 200)
"""


@pytest.mark.parametrize("answer", ["chr(0x1F600) * 250_000", "'x\\n' * 400_000"])
def test_long_words_do_not_drown_a_verdict(handing: Verifier, answer: str) -> None:
    """What twenty checks repeat of a long answer is more than a frame's head may hold."""
    found = findings(handing, f"def words(): return {answer}")

    assert [str(f.outcome) for name, f in found.items() if name.startswith("test_words")] == ["failed"] * 20
    assert str(found["test_picture"].outcome) == "passed"


def test_pictures_do_not_fill_the_disk(handing: Verifier) -> None:
    """Of a hundred mebibytes of pictures the feedback page gets two."""
    found = findings(handing, SAYING + PICTURES)["test_picture"]

    assert str(found.outcome) == "failed"
    assert 0 < sum(len(png) for _, png in found.figures) <= 2 << 20
