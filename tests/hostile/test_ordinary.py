"""The tests of the boundary once more, played by an ordinary user: with namespaces, and where they are denied."""

from __future__ import annotations

import os
import sys

import pytest

from tests.hostile.others import ORDINARY, run_as
from tests.sample_course import ROOT


@pytest.mark.parametrize("denied", ["", "namespaces"], ids=["with namespaces", "namespaces denied"])
def test_the_boundary_holds_for_an_ordinary_user(denied: str) -> None:
    """What asks whom a worker can reach passes for a user who owns nothing, below whatever folders the files lie."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs them already")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]

    files = [str(ROOT / "tests" / "sandbox" / f"test_{name}.py") for name in ("isolation", "session", "forged_replies")]

    told = run_as(ORDINARY, sys.executable, "-m", "pytest", *options, *files, denied=denied)

    assert "passed" in told
