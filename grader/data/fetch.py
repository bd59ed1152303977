"""`grader data fetch`: downloads a set, goes on where it was stopped, and keeps nothing whose checksum does not fit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
from rich.console import Console

from grader.data.cards import Card, File, card
from grader.data.formats import checked
from grader.data.places import data_home
from grader.data.progress import Slow
from grader.errors import DataError

PIECE = 1 << 16  # bytes at a time: small enough to show progress, large enough not to be the bottleneck
SILENCE = 30.0  # seconds without a byte until a server counts as gone
TRIES = 3  # a mirror: broken connections are common at 160 MB, and each try goes on where the last one stopped


def fetch(name: str, *, datasets: Path, console: Console | None = None) -> Path:
    """The folder of the set's official files, each downloaded unless it is there with the right checksum.

    Goes to the user's data folder. What a stopped download left behind stays beside it as NAME.part and is gone on
    with; Ctrl-C passes through. Raises DataError if there is no address, no connection, no room, or no mirror with the
    right bytes.
    """
    known = card(datasets, name)
    if known.at_hand:
        raise DataError(f"{name} needs no download: {known.at_hand}.")
    if not known.fetchable:
        raise DataError(
            f"{name} has no address to fetch it from: get it at {known.home} and run `grader data add {name} PATH`."
        )
    folder = data_home() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise DataError(
            f"The data folder {folder} cannot be made: {fault.strerror}; name another one in $GRADER_DATA."
        ) from fault
    _room(known, folder)
    for file in known.files:
        if not _here(folder / file.name, file):
            _download(known, file, folder / file.name, console)
    return folder


def _download(known: Card, file: File, target: Path, console: Console | None) -> None:
    """One file from the first mirror that gives the right bytes, moved to its name only then."""
    part = target.with_name(file.name + ".part")
    trouble = ""
    for url in file.urls:
        for _ in range(TRIES):
            had = _size(part)
            try:
                _pull(url, part, file, console)
            except KeyboardInterrupt:
                if console is not None:
                    console.print(
                        f"Stopped. {_size(part):,} bytes of {file.name} are kept: the same command goes on there."
                    )
                raise
            except OSError as fault:  # what requests raises, too
                trouble = f"{urlsplit(url).hostname} {_cause(fault)}"
                if _size(part) <= had:  # nothing came: this mirror will not do better at once
                    break
                continue
            if _here(part, file):
                os.replace(part, target)
                return
            part.unlink(missing_ok=True)  # a mirror that answered with nothing has made none
            trouble = f"{urlsplit(url).hostname} sent other bytes than the card's SHA-256 {file.sha256[:12]} asks for"
            if not had:  # a part that was gone on with may have been the wrong one: once more, from the beginning
                break
    kept = f"; {_size(part):,} bytes are kept" if _size(part) else ""
    raise DataError(
        f"{file.name} could not be downloaded: {trouble}; try `grader data fetch {known.name}` again later{kept}."
    )


def _pull(url: str, part: Path, file: File, console: Console | None) -> None:
    """Append the rest of `url` to `part`; from the beginning if the server does not resume."""
    had = _size(part)
    # identity: compressed on the way, the bytes could not be counted
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
    with requests.get(url, headers=headers, stream=True, timeout=SILENCE) as answer:
        if answer.status_code == 416:  # nothing left to send: the checksum says whether the part is whole
            return
        answer.raise_for_status()
        span = answer.headers.get("Content-Range", "")
        if answer.status_code != 206:
            had = 0
        elif not span.startswith(f"bytes {had}-"):
            raise OSError(f"it answered with {span!r}, not with the bytes from {had}")
        promised = had + int(answer.headers.get("Content-Length") or 0)
        with Slow(console, f"Downloading {file.name}", promised or None, sizes=True) as bar:
            bar.advance(had)
            with _writing(part, "mend that or set $GRADER_DATA"):
                sink = part.open("ab" if had else "wb")
            with sink:
                for piece in answer.iter_content(PIECE):
                    with _writing(part, "make room and run the command again"):
                        sink.write(piece)
                    bar.advance(len(piece))
    if _size(part) < promised:
        raise OSError("broke off in the middle")  # older urllib3 ends such a download without a word


@contextmanager
def _writing(part: Path, what_to_do: str) -> Iterator[None]:
    """The disk's faults, told apart from the connection's, which are OSErrors too."""
    try:
        yield
    except OSError as fault:
        raise DataError(f"{part} cannot be written: {fault.strerror}; {what_to_do}.") from fault


def _here(path: Path, file: File) -> bool:
    try:
        checked(path, file)
    except DataError:
        return False
    return True


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _room(known: Card, folder: Path) -> None:
    missing = [file for file in known.files if not (folder / file.name).is_file()]
    need = sum(file.bytes - _size(folder / f"{file.name}.part") for file in missing)
    free = shutil.disk_usage(folder).free
    if free < need:
        raise DataError(
            f"{known.name} needs {need:,} bytes and {folder} has {free:,} free: make room or set $GRADER_DATA."
        )


def _cause(fault: OSError) -> str:
    """In words what went wrong with a connection."""
    match fault:
        case requests.HTTPError(response=requests.Response() as answer):
            return f"answered {answer.status_code}"
        case requests.Timeout():
            return f"was silent for {SILENCE:.0f} seconds"
        case requests.exceptions.SSLError():
            return "has a certificate that this machine does not trust"
        case requests.exceptions.ProxyError():
            return "cannot be reached through this machine's proxy"
        case requests.exceptions.ChunkedEncodingError():
            return "broke off in the middle"
        case requests.ConnectionError():
            return "cannot be reached (is this machine online?)"
        case _:
            return str(fault)
