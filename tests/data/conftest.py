"""Every test of the data sets has a data folder and a cache of its own, and never the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.mirror import Mirror, serving
from tests.data.small_sets import cifar_set


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


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A server on this machine that has nothing yet."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as here:
        yield here


@pytest.fixture
def archive(datasets: Path, tmp_path: Path, mirror: Mirror) -> bytes:
    """`small_cifar` with one address; returns its archive, which the mirror serves as a.tar.gz."""
    cifar_set(datasets, tmp_path / "made", [f"{mirror.url}/a.tar.gz"])
    mirror.files["a.tar.gz"] = (tmp_path / "made" / "small-python.tar.gz").read_bytes()
    return mirror.files["a.tar.gz"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where that archive belongs once it is fetched."""
    return tmp_path / "home" / "small_cifar" / "small-python.tar.gz"
