"""Downloads from a server of the test's own: resumed, checked, and each way of failing one sentence."""

from __future__ import annotations

import errno
import io
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import grader.data.fetch
import grader.data.progress
from grader.data.cards import card
from grader.data.fetch import fetch
from grader.data.loaders import load
from grader.errors import DataError
from tests.data.small_sets import DATASETS, cifar_set, idx_set


@dataclass
class Mirror:
    """A server's files and how it behaves; `asked` keeps each request's path and Range header."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    resumes: bool = True
    cuts: list[int] = field(default_factory=list)  # for each answer in turn: break off after so many bytes
    asked: list[tuple[str, str]] = field(default_factory=list)
    finished: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    here = Mirror()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name, span = self.path.lstrip("/"), self.headers.get("Range", "")
            here.asked.append((name, span))
            if name.startswith("moved/"):
                self.send_response(302)
                self.send_header("Location", f"{here.url}/{name.removeprefix('moved/')}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if name.startswith("silent/"):
                here.finished.wait()
                return
            if name.startswith("empty/"):
                self.send_response(204)
                self.end_headers()
                return
            if name not in here.files:
                self.send_error(404)
                return
            data, start = here.files[name], int(span[len("bytes=") : -1]) if span and here.resumes else 0
            if start and start >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            end = start + here.cuts.pop(0) if here.cuts else len(data)
            self.wfile.write(data[start:end])

        def send_response(self, code: int, message: str | None = None) -> None:
            """One answer a connection, and the client is told so."""
            super().send_response(code, message)
            self.send_header("Connection", "close")

        def log_message(self, *_: object) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds between looks at the end
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    yield here
    here.finished.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def archive(datasets: Path, tmp_path: Path, mirror: Mirror) -> bytes:
    """`small_cifar` with one address; returns its archive, which the mirror serves as a.tar.gz."""
    cifar_set(datasets, tmp_path / "made", [f"{mirror.url}/a.tar.gz"])
    mirror.files["a.tar.gz"] = (tmp_path / "made" / "small-python.tar.gz").read_bytes()
    return mirror.files["a.tar.gz"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "home" / "small_cifar" / "small-python.tar.gz"


def part_of(target: Path, contents: bytes) -> Path:
    """What a stopped download leaves behind."""
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(contents)
    return part


def test_a_fetched_set_is_loaded(datasets: Path, tmp_path: Path, mirror: Mirror) -> None:
    """Four files from the mirror, and a full run finds the set without being told where."""
    idx_set(datasets, tmp_path / "made", [mirror.url])
    mirror.files |= {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}

    folder = fetch("small_idx", datasets=datasets)

    assert sorted(path.name for path in folder.iterdir()) == ["test-X.gz", "test-y.gz", "train-X.gz", "train-y.gz"]
    assert load("small_idx", datasets=datasets, profile="full").source == "official"


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


def test_wrong_bytes_are_refused(datasets: Path, mirror: Mirror, archive: bytes, target: Path) -> None:
    """A checksum that does not fit: one sentence, and nothing is kept."""
    mirror.files["a.tar.gz"] = archive[:-1] + b"?"

    with pytest.raises(
        DataError, match=r"small-python\.tar\.gz could not be downloaded: 127\.0\.0\.1 sent other bytes"
    ):
        fetch("small_cifar", datasets=datasets)
    assert list(target.parent.iterdir()) == []


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
            DataError, match=r"127\.0\.0\.1 cannot be reached: is this machine online.*1,234 bytes are kept"
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


@pytest.mark.usefixtures("archive")
def test_a_full_disk_is_told_before(datasets: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is not begun."""
    usage = type("usage", (), {"free": 10})
    monkeypatch.setattr(grader.data.fetch.shutil, "disk_usage", lambda _: usage)

    with pytest.raises(DataError, match=r"small_cifar needs [\d,]+ bytes and .* has 10 free"):
        fetch("small_cifar", datasets=datasets)
    assert mirror.asked == []


def test_what_a_stopped_download_left_counts_as_room(
    datasets: Path, archive: bytes, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes that are here already need no room again."""
    part_of(target, archive[:-100])
    monkeypatch.setattr(grader.data.fetch.shutil, "disk_usage", lambda _: type("usage", (), {"free": 100}))

    fetch("small_cifar", datasets=datasets)

    assert target.read_bytes() == archive


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


def test_the_courses_addresses_are_encrypted() -> None:
    """Every address of the course's cards is https: the checksum is not the only guard."""
    for name in ("mnist", "cifar10"):
        assert all(url.startswith("https://") for file in card(DATASETS, name).files for url in file.urls)
