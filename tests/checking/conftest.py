"""Shared by the tests of checking: a hand-in whose networks have a solution to be compared with."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.checking.check_context import WRAP
from grader.sandbox.submission import Line, OwnResponder, Proxy
from grader.sandbox.worker import import_file
from tests.workers import OpenHandIn


@pytest.fixture
def opens(hand_in: OpenHandIn, tmp_path: Path) -> Callable[..., Any]:
    """`opens(theirs, ours=...)`: the hand-in's proxy, its networks compared with those of our solution."""

    def open_both(theirs: str, ours: str = "") -> Any:
        path = tmp_path / "q1.py"
        path.write_text(textwrap.dedent(ours))
        solution = Proxy(Line(OwnResponder(import_file(path)), 30.0, WRAP))
        return hand_in(theirs, twin=lambda name, args, kwargs: getattr(solution, name)(*args, **kwargs)).proxy

    return open_both
