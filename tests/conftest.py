"""Shared by all tests: a copy of the sample course, and one started verifier of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checking.verifier import Verifier
from tests.sample_course import SAMPLE, copied

collect_ignore = ["samples"]  # course content: its hidden checks are run by the engine


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A copy of the sample course that a test may change."""
    return copied(tmp_path / "course")


@pytest.fixture(scope="session")
def verifier() -> Iterator[Verifier]:
    """The sample course's verifier, started once; on a machine without isolation it runs without."""
    started = Verifier(SAMPLE, "hw1", trusted=True)
    yield started
    started.close()
