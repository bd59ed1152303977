"""Downloads from a server of the test's own: checked, resumed, and shown where they last."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import grader.data.fetch
import grader.data.progress
from grader.data.cards import card
from grader.data.fetch import fetch
from grader.data.loaders import load
from grader.errors import DataError
from tests.data.mirror import Mirror, part_of
from tests.data.small_sets import DATASETS, array_set, cifar_set, idx_set


def test_a_fetched_set_is_loaded(datasets: Path, tmp_path: Path, mirror: Mirror) -> None:
    """Four files from the mirror, and a full run finds the set without being told where."""
    idx_set(datasets, tmp_path / "made", [mirror.url])
    mirror.files |= {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}

    folder = fetch("small_idx", datasets=datasets)

    assert sorted(path.name for path in folder.iterdir()) == ["test-X.gz", "test-y.gz", "train-X.gz", "train-y.gz"]
    assert load("small_idx", datasets=datasets, profile="full").source == "official"


def test_a_file_of_arrays_is_fetched(datasets: Path, tmp_path: Path, mirror: Mirror) -> None:
    """A set of an author's own, from an address of theirs, checked as any other."""
    saved = array_set(datasets, tmp_path / "made", [f"{mirror.url}/small_arrays.npz"])
    mirror.files["small_arrays.npz"] = (tmp_path / "made" / "small_arrays.npz").read_bytes()

    fetch("small_arrays", datasets=datasets)

    found = load("small_arrays", datasets=datasets, profile="full")
    assert found.source == "official"
    np.testing.assert_array_equal(found.train[0], saved["X"])


@pytest.mark.usefixtures("archive")
def test_what_is_here_is_not_fetched_again(datasets: Path, mirror: Mirror) -> None:
    """The second call asks the mirror for nothing."""
    fetch("small_cifar", datasets=datasets)
    fetch("small_cifar", datasets=datasets)

    assert len(mirror.asked) == 1


def test_a_stopped_download_goes_on(datasets: Path, mirror: Mirror, archive: bytes, target: Path) -> None:
    """Only the missing bytes are asked for."""
    part = part_of(target, archive[:1000])

    fetch("small_cifar", datasets=datasets)

    assert mirror.asked == [("a.tar.gz", "bytes=1000-")]
    assert target.read_bytes() == archive
    assert not part.exists()


def test_a_broken_connection_is_gone_on_with(
    datasets: Path, mirror: Mirror, archive: bytes, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the line breaks twice, the third answer brings the rest."""
    monkeypatch.setattr(grader.data.fetch, "PIECE", 100)
    mirror.cuts = [500, 700]

    fetch("small_cifar", datasets=datasets)

    assert [span for _, span in mirror.asked] == ["", "bytes=500-", "bytes=1200-"]
    assert target.read_bytes() == archive


def test_a_server_that_cannot_resume_sends_all_again(
    datasets: Path, mirror: Mirror, archive: bytes, target: Path
) -> None:
    """Bytes from the beginning are not glued to those that were kept."""
    mirror.resumes = False
    part_of(target, b"x" * 1000)

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive


def test_a_part_that_is_whole_is_taken(datasets: Path, archive: bytes, target: Path) -> None:
    """Stopped between the last byte and the new name: nothing is left to send."""
    part_of(target, archive)

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive


@pytest.mark.parametrize("extra", [b"", b"and more than the file has" * 1000])
def test_a_wrong_part_is_thrown_away(
    datasets: Path, mirror: Mirror, archive: bytes, target: Path, extra: bytes
) -> None:
    """If the whole does not fit, the next try begins at the first byte."""
    part_of(target, b"x" * 1000 + extra)

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive
    assert mirror.asked[-1] == ("a.tar.gz", "")


def test_a_damaged_file_is_fetched_again(datasets: Path, archive: bytes, target: Path) -> None:
    """A file of the right name and wrong contents is replaced."""
    target.parent.mkdir(parents=True)
    target.write_bytes(b"damaged")

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive


def test_the_second_mirror_helps_out(datasets: Path, tmp_path: Path, mirror: Mirror, target: Path) -> None:
    """The first has other bytes, the second does not know the file, the third moved it."""
    urls = [f"{mirror.url}/{name}" for name in ("bad.tar.gz", "none.tar.gz", "moved/a.tar.gz")]
    cifar_set(datasets, tmp_path / "made", urls)
    right = (tmp_path / "made" / "small-python.tar.gz").read_bytes()
    mirror.files |= {"bad.tar.gz": b"bad", "a.tar.gz": right}

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == right


@pytest.mark.usefixtures("archive")
def test_a_line_that_always_breaks_keeps_what_came(
    datasets: Path, mirror: Mirror, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three tries the sentence says what is kept, and the next call goes on there."""
    monkeypatch.setattr(grader.data.fetch, "PIECE", 100)
    mirror.cuts = [100, 100, 100]

    with pytest.raises(DataError, match=r"broke off in the middle; .*; 300 bytes are kept"):
        fetch("small_cifar", datasets=datasets)
    fetch("small_cifar", datasets=datasets)

    assert mirror.asked[-1] == ("a.tar.gz", "bytes=300-")
    assert target.exists()


def test_ctrl_c_keeps_what_came(
    datasets: Path, mirror: Mirror, archive: bytes, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by the user in the middle: the part stays, a line says so, and the next call goes on there."""
    monkeypatch.setattr(grader.data.fetch, "PIECE", 400)
    screen = io.StringIO()

    class Stopped(grader.data.progress.Slow):
        def advance(self, amount: float) -> None:
            super().advance(amount)
            if self._done >= 800:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(grader.data.fetch, "Slow", Stopped)
        with pytest.raises(KeyboardInterrupt):
            fetch("small_cifar", datasets=datasets, console=Console(file=screen, width=200))
    fetch("small_cifar", datasets=datasets)

    assert "Stopped. 800 bytes of small-python.tar.gz are kept" in screen.getvalue()
    assert mirror.asked[-1] == ("a.tar.gz", "bytes=800-")
    assert target.read_bytes() == archive


@pytest.mark.usefixtures("archive")
def test_long_downloads_show_a_bar(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a console, a download that lasts names its file."""
    monkeypatch.setattr(grader.data.progress, "PATIENCE", 0)
    screen = io.StringIO()

    fetch("small_cifar", datasets=datasets, console=Console(file=screen, force_terminal=True, width=120))

    assert "Downloading small-python.tar.gz" in screen.getvalue()


def test_what_a_stopped_download_left_counts_as_room(
    datasets: Path, archive: bytes, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes that are here already need no room again."""
    part_of(target, archive[:-100])
    monkeypatch.setattr(grader.data.fetch.shutil, "disk_usage", lambda _: type("usage", (), {"free": 100}))

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive


def test_the_courses_addresses_are_encrypted() -> None:
    """Every address of the course's cards is https: the checksum is not the only guard."""
    for name in ("mnist", "cifar10"):
        assert all(url.startswith("https://") for file in card(DATASETS, name).files for url in file.urls)
