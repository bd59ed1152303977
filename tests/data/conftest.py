"""Every test of the data sets has a data folder and a cache of its own, and never the user's."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "home"))
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """An empty folder of cards."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder
