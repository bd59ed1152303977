"""Nobody turns a wrong answer into "not judged": whatever is answered, the verdict is ours, and it is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.checking.verifier import Verifier
from grader.records import Finding, Submission, Verdict
from tests.frames import SAYING
from tests.hostile.handing import QUESTION, handing_course

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
    course = handing_course(tmp_path_factory.mktemp("handing") / "course")
    started = Verifier(course, "hw1", questions=["q3_on"], trusted=True)
    yield started
    started.close()


def findings(verifier: Verifier, added: str) -> dict[str, Finding]:
    files = {"q3_on.py": f"{QUESTION}\n\n{added}\n".encode()}
    verdict = verifier.grade(Submission("s", "", files), 0)
    assert isinstance(verdict, Verdict), verdict
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
worker.StudentResponder.do_network = lambda self, request: {"value": asked(None, request)}
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
