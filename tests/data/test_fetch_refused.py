"""Downloads that cannot be had: each way of failing is one sentence, and nothing wrong is kept."""

from __future__ import annotations

import errno
import io
import socket
from pathlib import Path
from typing import Any

import pytest

import grader.data.fetch
import grader.data.progress
from grader.data.fetch import fetch
from grader.errors import DataError
from tests.data.mirror import Mirror, part_of
from tests.data.small_sets import DATASETS, array_set, cifar_set


def test_wrong_bytes_are_refused(datasets: Path, mirror: Mirror, archive: bytes, target: Path) -> None:
    """A checksum that does not fit: one sentence, and nothing is kept."""
    mirror.files["a.tar.gz"] = archive[:-1] + b"?"

    with pytest.raises(
        DataError, match=r"small-python\.tar\.gz could not be downloaded: 127\.0\.0\.1 sent other bytes"
    ):
        fetch("small_cifar", datasets=datasets)
    assert list(target.parent.iterdir()) == []


def test_an_address_that_is_gone_is_told(datasets: Path, tmp_path: Path, mirror: Mirror) -> None:
    """The server's answer is in the sentence, with the command to try again."""
    cifar_set(datasets, tmp_path / "made", [f"{mirror.url}/none.tar.gz"])

    with pytest.raises(
        DataError, match=r"127\.0\.0\.1 answered 404; try `grader data fetch small_cifar` again later\."
    ):
        fetch("small_cifar", datasets=datasets)
    assert len(mirror.asked) == 1


def test_an_address_without_contents_is_told(datasets: Path, tmp_path: Path, mirror: Mirror) -> None:
    """A mirror that says all is well and sends nothing."""
    cifar_set(datasets, tmp_path / "made", [f"{mirror.url}/empty/a.tar.gz"])

    with pytest.raises(DataError, match=r"127\.0\.0\.1 sent other bytes than the card's SHA-256"):
        fetch("small_cifar", datasets=datasets)


def test_offline_is_one_sentence(datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No one answers: the sentence asks whether the machine is online, and says what is kept."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:  # bound and not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        cifar_set(datasets, tmp_path / "made", [f"http://127.0.0.1:{taken.getsockname()[1]}/a.tar.gz"])
        part_of(tmp_path / "home" / "small_cifar" / "small-python.tar.gz", bytes(1234))

        with pytest.raises(
            DataError, match=r"127\.0\.0\.1 cannot be reached \(is this machine online\?\); try .*1,234 bytes are kept"
        ) as caught:
            fetch("small_cifar", datasets=datasets)
    assert "\n" not in str(caught.value)


def test_a_silent_server_is_given_up(
    datasets: Path, tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes the call and says nothing is not waited for for ever."""
    monkeypatch.setattr(grader.data.fetch, "SILENCE", 0.2)
    cifar_set(datasets, tmp_path / "made", [f"{mirror.url}/silent/a.tar.gz"])

    with pytest.raises(DataError, match="was silent for"):
        fetch("small_cifar", datasets=datasets)


@pytest.mark.usefixtures("archive")
def test_a_full_disk_is_told_before(datasets: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is not begun."""
    usage = type("usage", (), {"free": 10})
    monkeypatch.setattr(grader.data.fetch.shutil, "disk_usage", lambda _: usage)

    with pytest.raises(DataError, match=r"small_cifar needs [\d,]+ bytes and .* has 10 free"):
        fetch("small_cifar", datasets=datasets)
    assert mirror.asked == []


@pytest.mark.usefixtures("archive")
def test_a_disk_that_fills_up_is_told(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk's fault is not blamed on the mirror."""

    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, mode="r", **more: Full() if mode == "wb" else real(self, mode, **more)
    )

    with pytest.raises(DataError, match=r"\.part cannot be written: No space left on device; make room"):
        fetch("small_cifar", datasets=datasets)


@pytest.mark.usefixtures("archive")
def test_a_part_that_cannot_be_opened_is_told(datasets: Path, target: Path) -> None:
    """Something else has the part's name."""
    target.with_name(target.name + ".part").mkdir(parents=True)

    with pytest.raises(DataError, match=r"\.part cannot be written: "):
        fetch("small_cifar", datasets=datasets)


@pytest.mark.usefixtures("archive")
def test_a_data_folder_that_cannot_be_made_is_told(datasets: Path, tmp_path: Path) -> None:
    """A file where the data folder should be."""
    (tmp_path / "home").write_text("a file", encoding="utf-8")

    with pytest.raises(DataError, match=r"cannot be made: .*; name another one in \$GRADER_DATA"):
        fetch("small_cifar", datasets=datasets)


def test_a_bundled_set_needs_no_download(datasets: Path) -> None:
    """It is there with its card."""
    array_set(datasets)

    with pytest.raises(DataError, match="small_arrays needs no download: it lies beside its card"):
        fetch("small_arrays", datasets=datasets)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("phantoms", "phantoms needs no download: the course generates it"),
        (
            "mobile_price",
            r"has no address to fetch it from: get it at https://www\.kaggle\.com/.* and run `grader data add",
        ),
        ("imagenet", "There is no data set 'imagenet'"),
    ],
)
def test_what_cannot_be_fetched_is_told(name: str, sentence: str) -> None:
    """A generated set, one behind a login, and one that the course does not have."""
    with pytest.raises(DataError, match=sentence):
        fetch(name, datasets=DATASETS)
