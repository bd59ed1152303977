"""Hand-ins that would be told right without being it."""

from __future__ import annotations

from typing import Any

from tests.hostile.members import Member, module


def forgers(at: dict[str, Any]) -> dict[str, Member]:
    sources = {
        "result-file": """
import atexit, json, os
def forge():
    for path in (PLACE + "/out/hw1/forges-result-file.json", os.environ.get("RESULT", "result.json")):
        try:
            open(path, "w").write(json.dumps({"passed": True, "score": 12.0}))
        except OSError:
            pass
atexit.register(forge)
def mean(x): return -1.0
""",
        "writer-of-verdicts": """
import json
plain = json.dumps
json.dumps = lambda value, **how: plain({**value, "passed": True} if isinstance(value, dict) else value, **how)
def mean(x): return -1.0
""",
        "subclass-of-array": """
import numpy
class Right(numpy.ndarray):
    def __sub__(self, other): return numpy.float64(0)
    __rsub__ = __sub__
    def __float__(self): return 3.0
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array_function__(self, function, kinds, args, kwargs): return numpy.bool_(True)
def mean(x): return numpy.zeros(()).view(Right)
""",
        "subclass-of-tensor": """
import torch
class Right(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, kinds, args=(), kwargs=None):
        return torch.tensor(0.0) if "sub" in str(function) else torch.tensor(False) if "ne" in str(function) else True
    def __repr__(self): return "3.0"
def mean(x): return torch.zeros(()).as_subclass(Right)
""",
        "class-on-the-fly": """
class Equal:
    @property
    def __class__(self): return int
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __rsub__(self, other): return 0
    def __sub__(self, other): return 0
def mean(x): return Equal()
""",
        "settings-for-pytest": "def mean(x): return -1.0\n",
        "frames-of-the-caller": """
import sys
def mean(x):
    frame = sys._getframe().f_back
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, list) and name not in ("x", "args"):
                value[:] = [-1.0] * len(value)
            if type(value).__name__ == "Channel":
                for word in ({"passed": True}, {"value": {"passed": True}}, {"findings": [], "last": False}):
                    value.send(word)
        frame = frame.f_back
    return -1.0
""",
    }
    members = {f"forges-{name}": Member("forging", module(source, **at)) for name, source in sources.items()}
    settings = {
        "conftest.py": b"import grading\ngrading.close = lambda *given: True\n",
        "pytest.ini": b"[pytest]\naddopts = --collect-only\n",
        "sitecustomize.py": b"raise SystemExit(0)\n",
        "evil.pth": b"import os; os._exit(0)\n",
    }
    members["forges-settings-for-pytest"] = Member("forging", module(sources["settings-for-pytest"]) | settings)
    return members
