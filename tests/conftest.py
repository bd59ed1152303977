"""Shared by all tests: a copy of the sample course, one started verifier of it, and workers for single modules."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.checking.verifier import Verifier
from grader.course import Assignment, Course, find_course
from grader.sandbox.wire import Channel
from tests.sample_course import SAMPLE, copied
from tests.small_assignment import small_assignment
from tests.workers import Nurseries, OpenHandIn, opener

if TYPE_CHECKING:
    from tests.classroom import Classroom

pytest_plugins = ["pytester"]  # tests of our plugin run pytest on files that they write
collect_ignore = ["samples"]  # course content: its hidden checks are run by the engine


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A copy of the sample course that a test may change."""
    return copied(tmp_path / "course")


@pytest.fixture
def course(course_folder: Path) -> Course:
    return find_course(course_folder)


@pytest.fixture
def hw1(course: Course) -> Assignment:
    return course.assignment("hw1")


@pytest.fixture
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """hw5 of two questions, beside hw4, for the steps before grading."""
    return replace(small_assignment(tmp_path_factory.mktemp("exercises")), others=frozenset({"hw4"}))


@pytest.fixture
def s1(tmp_path: Path) -> Path:
    """An empty folder of student s1."""
    (tmp_path / "s1").mkdir()
    return tmp_path / "s1"


@pytest.fixture(scope="session")
def verifier() -> Iterator[Verifier]:
    """The sample course's verifier, started once; on a machine without isolation it runs without."""
    started = Verifier(SAMPLE, "hw1", trusted=True)
    yield started
    started.close()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that is graded and recorded once: the course's folder with results/, nbgrader's tree and a gradebook."""
    from tests.classroom import graded_class  # nbgrader takes seconds to load

    room = graded_class(tmp_path_factory.mktemp("recorded") / "course")
    assert room.record().problems == []
    return room.root


@pytest.fixture
def room(recorded: Path, tmp_path: Path) -> Classroom:
    """A copy of the recorded class that a test may change."""
    from tests.classroom import Classroom

    return Classroom(shutil.copytree(recorded, tmp_path / "course"))


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


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Both ends of one connection."""
    here, there = map(Channel, socket.socketpair())
    yield here, there
    here.close()
    there.close()
