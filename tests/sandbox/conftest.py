"""Shared by the tests of the boundary: a test file's own module, shut in at each level."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from tests.workers import OpenHandIn


@pytest.fixture(params=[NAMESPACES, LANDLOCK], ids=["level 3", "level 2"])
def level(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def worker(hand_in: OpenHandIn, level: int, request: pytest.FixtureRequest) -> Any:
    """The module LOOKING of the test's file, shut in."""
    return hand_in(request.module.LOOKING, level=level).proxy
