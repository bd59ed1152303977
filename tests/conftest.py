"""Shared by all tests: a copy of the sample course, one started verifier of it, and workers for single modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.checking.verifier import Verifier
from tests.sample_course import SAMPLE, copied
from tests.workers import Nurseries, OpenHandIn, opener

pytest_plugins = ["pytester"]  # tests of our plugin run pytest on files that they write
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


@pytest.fixture(scope="session")
def nurseries() -> Iterator[Nurseries]:
    """One nursery for each isolation level that a test asks for."""
    started = Nurseries()
    yield started
    started.close()


@pytest.fixture
def hand_in(nurseries: Nurseries) -> Iterator[OpenHandIn]:
    """`hand_in(source)`: one module in a real worker, with its proxy and its session."""
    with ExitStack() as stack:
        yield opener(nurseries, stack)
