"""A class that is graded and recorded once; each test gets a copy of it that it may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.gradebook.classroom import Classroom, graded_class


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's folder, with results/, nbgrader's tree and a gradebook with everybody in it."""
    room = graded_class(tmp_path_factory.mktemp("recorded") / "course")
    assert room.record().problems == []
    return room.root


@pytest.fixture
def room(recorded: Path, tmp_path: Path) -> Classroom:
    return Classroom(shutil.copytree(recorded, tmp_path / "course"))
