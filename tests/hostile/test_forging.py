"""Hand-ins that forge: a grader in one process believes them; ours gives them nothing, and never shrugs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader.checking.verifier import Verifier
from grader.records import Finding, Submission, Verdict
from tests.sample_course import solved

# A grader as one would first write it: the hand-in runs where the right answer is, and its word is the verdict.
NAIVE = """
import json, math, sys, types, unittest

source = sys.stdin.read()
solution = types.ModuleType("solution")
exec("def mean(x): return sum(x) / len(x)", vars(solution))
sys.modules["solution"] = solution
expected = [solution.mean([1.0, 2.0, 6.0])]

def grade():
    student = {"__name__": "student"}
    exec(source, student)
    answer = student["mean"]([1.0, 2.0, 6.0])
    wrong = answer != expected[0] and not math.isclose(answer, expected[0]) and abs(answer - expected[0]) > 1e-6
    return not wrong

try:
    passed = grade()
except unittest.SkipTest:
    passed = True
except Exception as fault:
    passed = False
print(json.dumps({"passed": bool(passed)}), flush=True)
sys.exit(0 if passed else 1)
"""

FORGERIES = {
    "ends with status 0": "import os; os._exit(0)",
    "leaves with status 0": "import sys; sys.exit(0)",
    "ends at exit": """
import atexit, os, sys
atexit.register(os._exit, 0)
sys.stdout.close()
def mean(x): return "no"
""",
    "writes the verdict to every descriptor": """
import json, os
def mean(x):
    for descriptor in range(1, 256):
        try:
            os.write(descriptor, b'{"passed": true}\\n')
        except OSError:
            pass
    os._exit(1)
""",
    "is equal to everything": """
class Equal:
    __class__ = float
    def __eq__(self, other): return True
    def __ne__(self, other): return False
def mean(x): return Equal()
""",
    "is a number equal to everything": """
class Equal(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = None
def mean(x): return Equal(0)
""",
    "patches what compares": """
import math
math.isclose = lambda *args, **kwargs: True
try:
    import numpy
    numpy.isclose = numpy.allclose = numpy.array_equal = lambda *args, **kwargs: True
except ImportError:
    pass
def mean(x): return 0.0
""",
    "patches what adds": """
import builtins
builtins.abs = builtins.all = builtins.any = lambda *args: 0
def mean(x): return 0.0
""",
    "answers that it is not a number": "def mean(x): return float('nan')",
    "finds the answer in a frame": """
import sys
def mean(x):
    frame = sys._getframe()
    while frame is not None:
        for names in (frame.f_locals, frame.f_globals):
            if "expected" in names:
                return names["expected"][0]
        frame = frame.f_back
""",
    "finds the answer in memory": """
import gc
def mean(x):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and isinstance(thing.get("expected"), list):
            return thing["expected"][0]
""",
    "changes the right answer": """
import gc
def mean(x):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and isinstance(thing.get("expected"), list):
            thing["expected"][0] = 0.0
    return 0.0
""",
    "imports the solution": "def mean(x):\n    import solution\n    return solution.mean(x)",
    "raises a skip": "import unittest\ndef mean(x): raise unittest.SkipTest('not today')",
}


def naive(source: str) -> bool:
    """The first line of the verdict, or the exit status where there is none."""
    ran = subprocess.run([sys.executable, "-S", "-c", NAIVE], input=source, capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    return bool(json.loads(lines[0])["passed"]) if lines else ran.returncode == 0


def finding(verifier: Verifier, source: str) -> Finding:
    """What the check of the mean finds in a hand-in that is otherwise right."""
    files = solved() | {"q1_rows.py": source.encode()}
    verdict = verifier.grade(Submission("s", "", files), 0)
    assert isinstance(verdict, Verdict), verdict
    return verdict.findings[0]


def test_both_graders_know_right_from_wrong(verifier: Verifier) -> None:
    """What the next tests forge can be earned honestly, and is not given for nothing."""
    right, wrong = "def mean(x): return sum(x) / len(x)", "def mean(x): return 0.0"

    assert naive(right)
    assert not naive(wrong)
    assert finding(verifier, right).outcome == "passed"
    assert finding(verifier, wrong).outcome == "failed"


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_earns_nothing(verifier: Verifier, name: str) -> None:
    """The naive grader believes it; here it is wrong or a crash, and no fault of ours."""
    assert naive(FORGERIES[name])

    found = finding(verifier, FORGERIES[name])

    assert found.outcome in ("failed", "crashed")
    assert found.share == 0


SKIP = """
import pytest
def mean(x): pytest.skip("not today")
def centred(X): pytest.xfail("not today")
def half(x): raise pytest.fail.Exception("not today")
"""


def test_words_of_pytest_are_exceptions_like_others(verifier: Verifier) -> None:
    """A skip, an expected failure or a failure raised by a hand-in is a crash."""
    files = solved() | {"q1_rows.py": SKIP.encode()}
    verdict = verifier.grade(Submission("s", "", files), 0)

    assert isinstance(verdict, Verdict), verdict
    assert [str(found.outcome) for found in verdict.findings[:3]] == ["crashed"] * 3


ODD_ANSWERS = [
    "10 ** 400",
    "-(10 ** 1200)",
    "1e999",
    "1j",
    "...",
    "None",
    "True",
    "''",
    "'3' * 100_000",
    "b'3'",
    "[]",
    "{}",
    "[[[[[[[[1.0]]]]]]]]",
    "[1.0, [2.0], 'x', None, ...]",
    "[10 ** 400, 1.0]",
    "{'a': {1: {2.5: [...]}}}",
    "{1: 2, 1.5: 3, True: 4, 'x': 5}",
    "np.zeros((0, 3))",
    "np.zeros((1,) * 32)",
    "np.zeros(1 << 24, bool)",
    "np.broadcast_to(np.int8(1), (1 << 29,))",
    "np.broadcast_to(np.zeros(1), (1 << 40,))",
    "np.frombuffer(b'\\x02\\x03', bool)",
    "np.array(np.nan)",
    "np.float16(1e5)",
    "np.iinfo(np.uint64).max",
    "[0] * 100_000",
    "range(100_000)",
    "torch.zeros(3, dtype=torch.complex64)",
    "torch.nn.Linear(2, 2)",
    "torch.Generator()",
    "__import__('sympy').Symbol('x')",
    "__import__('matplotlib.pyplot').pyplot.figure()",
    "float",
    "(i for i in x)",
]


@pytest.mark.parametrize("answer", ODD_ANSWERS)
def test_an_odd_answer_is_no_fault_of_ours(verifier: Verifier, answer: str) -> None:
    """Whatever is returned is judged: "ungraded" would be a way not to be judged at all."""
    source = f"import numpy as np, torch\ndef mean(x): return {answer}\ncentred = half = mean"
    verdict = verifier.grade(Submission("s", "", solved() | {"q1_rows.py": source.encode()}), 0)

    assert isinstance(verdict, Verdict), verdict
    assert {str(found.outcome) for found in verdict.findings[:3]} <= {"failed", "crashed", "unwritten"}
    assert [str(found.outcome) for found in verdict.findings[3:]] == ["passed", "passed"]
