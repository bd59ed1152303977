"""Through the whole line: a right answer in any usual form earns its points, a wrong form gets one clear sentence."""

from __future__ import annotations

import re

import pytest

from grader.checking.verifier import Verifier
from grader.records import Finding, Submission, Verdict
from tests.sample_course import solved

PLACES = {"mean": 0, "centred": 1, "half": 2, "table": 3, "total": 4}  # a function's check, by number


def judged(verifier: Verifier, function: str, definition: str) -> Finding:
    """What is found when the solution's `function` is replaced by this definition."""
    question = "q2" if function in ("table", "total") else "q1"
    files = solved(**{question: definition})
    verdict = verifier.grade(Submission("s1", "", files), 0)
    assert isinstance(verdict, Verdict), verdict
    return verdict.findings[PLACES[function]]


TABLE = "[[8, 10, 18], [12, 15, 27]]"
RIGHT = {
    "a float32 scalar": ("mean", "def mean(x):\n    return np.mean(x, dtype='float32')\n"),
    "a 0-d array": ("mean", "def mean(x):\n    return np.array(np.mean(x))\n"),
    "a 0-d tensor": ("mean", "import torch\n\n\ndef mean(x):\n    return torch.tensor(np.mean(x))\n"),
    "a tensor with a gradient": (
        "mean",
        "import torch\n\n\ndef mean(x):\n    return torch.tensor(x, requires_grad=True).mean()\n",
    ),
    "a whole list for an array": ("centred", "def centred(X):\n    return (X - X.mean(axis=0)).tolist()\n"),
    "tuples for rows": ("centred", "def centred(X):\n    return tuple(map(tuple, X - X.mean(axis=0)))\n"),
    "a list of arrays": ("centred", "def centred(X):\n    return list(X - X.mean(axis=0))\n"),
    "another layout in memory": ("centred", "def centred(X):\n    return np.asfortranarray(X - X.mean(axis=0))\n"),
    "a view turned twice": ("centred", "def centred(X):\n    return (X - X.mean(axis=0))[::-1].copy()[::-1]\n"),
    "a read-only broadcast": (
        "centred",
        "def centred(X):\n    Y = X - X.mean(axis=0)\n    Y.flags.writeable = False\n    return Y\n",
    ),
    "a matrix of torch": (
        "centred",
        "import torch\n\n\ndef centred(X):\n    return torch.tensor(X) - torch.tensor(X).mean(0)\n",
    ),
    "single precision": ("centred", "def centred(X):\n    return (X - X.mean(axis=0)).astype('float32')\n"),
    "a computation in another order": (
        "mean",
        "def mean(x):\n    return float(sum(sorted(x.tolist(), reverse=True)) / len(x))\n",
    ),
    "a float32 tensor": (
        "half",
        "import torch\n\n\ndef half(x):\n    return torch.tensor(x, dtype=torch.float32) / 2\n",
    ),
    "negative zeros": (
        "half",
        "def half(x):\n    y = np.asarray(x, 'float32') / 2\n    return np.where(y == 0, np.float32(-0.0), y)\n",
    ),
    "a tuple of tuples": ("table", "def table():\n    return (8, 10, 18), (12, 15, 27)\n"),
    "an integer array": ("table", f"import numpy as np\n\n\ndef table():\n    return np.array({TABLE}, 'int8')\n"),
    "floats that are whole": ("table", "def table():\n    return [[8.0, 10.0, 18.0], [12.0, 15.0, 27.0]]\n"),
    "numpy's own numbers": (
        "table",
        f"import numpy as np\n\n\ndef table():\n    return [[np.int64(v) for v in row] for row in {TABLE}]\n",
    ),
    "exact fractions": (
        "table",
        "from fractions import Fraction\n\n\n"
        f"def table():\n    return [[Fraction(2 * v, 2) for v in row] for row in {TABLE}]\n",
    ),
    "a matrix of sympy": ("table", f"import sympy\n\n\ndef table():\n    return sympy.Matrix({TABLE})\n"),
    "sympy's number": ("total", "import sympy\n\n\ndef total():\n    return sympy.Integer(90)\n"),
    "a whole float for a count": ("total", "def total():\n    return 90.0\n"),
    "numpy's whole number": ("total", "import numpy as np\n\n\ndef total():\n    return np.uint8(90)\n"),
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_right_answer_in_an_unusual_form_earns_everything(verifier: Verifier, form: str) -> None:
    """What is right is right, however it is written down."""
    finding = judged(verifier, *RIGHT[form])

    assert (str(finding.outcome), finding.share) == ("passed", 1), (finding.message, finding.detail)


WRONG = {
    "nothing": ("mean", "return None", "failed", "returned nothing: is there a `return`"),
    "a text": ("mean", "return 'three'", "failed", "text"),
    "a number as text": ("mean", "return '3.0'", "failed", "leave out the quotation marks"),
    "not a number": ("mean", "return float('nan')", "failed", "finite|NaN"),
    "infinity": ("mean", "return float('inf')", "failed", "finite|inf"),
    "an array for a number": ("mean", "return np.asarray(x)", "failed", "array of numbers where a number"),
    "a truth value": ("total", "return True", "failed", "True|truth|number"),
    "a set": ("centred", "return {1, 2}", "failed", "set"),
    "a generator": ("centred", "return (row for row in X)", "failed", "generator"),
    "a function": ("centred", "return len", "failed", "function|method"),
    "rows of unequal length": ("centred", "return [[1.0], [1.0, 2.0]]", "failed", "row"),
    "an axis too many": ("centred", "return (X - X.mean(axis=0))[None]", "failed", "shape"),
    "an axis exchanged": ("centred", "return (X - X.mean(axis=0)).T", "failed", "shape"),
    "a column too few": ("centred", "return (X - X.mean(axis=0))[:, 1:]", "failed", "shape"),
    "one entry that is not finite": (
        "centred",
        "Y = X - X.mean(axis=0)\n    Y[1, 2] = np.nan\n    return Y",
        "failed",
        "finite|NaN",
    ),
    "an array of objects": ("centred", "return np.array([[1, 'a']], dtype=object)", "failed", "object"),
    "double precision": ("half", "return np.asarray(x) / 2.0", "failed", "float32"),
    "whole numbers": ("half", "return np.asarray(x) // 2", "failed", "float32"),
    "an exception": ("mean", "return 1 / 0", "crashed", r"ZeroDivisionError.*q1_rows\.py:\d+"),
    "an error of one's own": ("mean", "raise ValueError('<b>no</b>')", "crashed", "ValueError: <b>no</b>"),
    "the end of the program": ("mean", "raise SystemExit(0)", "crashed", "SystemExit"),
    "the end of the process": ("mean", "import os; os._exit(0)", "crashed", "ended|died"),
    "a recursion without end": ("mean", "return mean(x)", "crashed", "RecursionError"),
    "something not written": ("mean", "raise NotImplementedError", "unwritten", "Not written yet"),
    "an open form": ("table", "return [[..., ..., ...], [..., ..., ...]]", "unwritten", "Not written yet"),
    "a form half open": ("table", "return [[8, 10, 18], [12, 15, ...]]", "partial", "..."),
    "an ellipsis": ("total", "return ...", "unwritten", "Not written yet"),
    "seventeen gibibytes": (
        "centred",
        "return np.broadcast_to(np.zeros(1), (1 << 31, 1))",
        "failed",
        "large|big|GiB|more",
    ),
}
SIGNATURES = {"mean": "x", "centred": "X", "half": "x", "table": "", "total": ""}


@pytest.mark.parametrize("form", WRONG)
def test_a_wrong_form_gets_one_clear_sentence(verifier: Verifier, form: str) -> None:
    """The outcome, and a sentence in both languages that names what is wrong; no traceback, no path, no answer."""
    function, body, outcome, sentence = WRONG[form]

    finding = judged(verifier, function, f"def {function}({SIGNATURES[function]}):\n    {body}\n")

    assert str(finding.outcome) == outcome, (finding.message, finding.detail)
    assert (finding.share in (0, None)) is (outcome != "partial")
    assert re.search(sentence, finding.message.en), finding.message
    assert finding.message.fa
    assert not re.search(r"\n|Traceback|/tmp|/work|solutions", finding.message.en)
