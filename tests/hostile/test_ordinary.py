"""The tests of the boundary once more, played by an ordinary user: with namespaces, and where they are denied."""

from __future__ import annotations

import os
import sys

import pytest

from tests.hostile.others import ORDINARY, run_as
from tests.sample_course import ROOT


@pytest.mark.parametrize("denied", [False, True], ids=["with namespaces", "namespaces denied"])
def test_the_boundary_holds_for_an_ordinary_user(denied: bool) -> None:
    """All of tests/sandbox passes for a user who owns nothing, below whatever folders the repository lies."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs them already")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]

    told = run_as(ORDINARY, sys.executable, "-m", "pytest", *options, str(ROOT / "tests" / "sandbox"), denied=denied)

    assert "passed" in told
