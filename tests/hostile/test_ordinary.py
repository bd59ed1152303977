"""The tests of the boundary once more, played by an ordinary user: with namespaces, and where they are denied."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.hostile.others import ORDINARY, begin_as, ended
from tests.sample_course import ROOT

VARIANTS = {"with namespaces": "", "namespaces denied": "namespaces"}


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Both at once, each as a user of its own, for who counts a user's processes."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs them already")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    files = [str(ROOT / "tests" / "sandbox" / f"test_{name}.py") for name in ("isolation", "session", "forged_replies")]
    command = (sys.executable, "-m", "pytest", *options, *files)
    started = {
        variant: begin_as(ORDINARY - number, *command, denied=denied)
        for number, (variant, denied) in enumerate(VARIANTS.items())
    }
    yield started
    for process in started.values():
        process.kill()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_boundary_holds_for_an_ordinary_user(running: dict[str, subprocess.Popen[str]], variant: str) -> None:
    """What asks whom a worker can reach passes for a user who owns nothing, below whatever folders the files lie."""
    assert "passed" in ended(running[variant])
