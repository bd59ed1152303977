"""Reads what others put on disk: plain files only, no link followed, never more than was asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

DEEPEST = 20  # folders in folders; more is a bomb or an accident

# On POSIX each folder is held open and its files are opened relative to it, so that no folder on the way can be
# exchanged for a link meanwhile. Windows has neither the flags nor such handles; there one reads one's own folder.
_BY_HANDLE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_ENTER = _READ | getattr(os, "O_DIRECTORY", 0)

Reader = Callable[[int], bytes]


def read_plain(path: str | Path, limit: int, folder: int | None = None) -> bytes:
    """The first `limit` bytes of a regular file, `path` relative to the open `folder` if one is given.

    Raises OSError for a link, a device, a FIFO, a folder, and for what cannot be read. A FIFO does not make it wait.
    """
    handle = os.open(path, _READ, dir_fd=folder)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is not a plain file")
        return file.read(limit)


def walk(top: Path, skip: Callable[[str], bool]) -> Iterator[tuple[str, Reader | None]]:
    """Every file under `top` as (relative posix name, reader), in the order of names; folders are entered, links not.

    `skip` is asked with each bare name, file or folder: what it names is neither entered nor told. The reader takes the
    most bytes wanted and works only until the next file is asked for; it is None for what is not a plain file or lies
    more than 20 folders deep. Raises OSError where a folder cannot be read or is a link.
    """
    if not _BY_HANDLE:
        if top.is_symlink():
            raise OSError(f"{top} is a link")
        yield from _walk(str(top), "", skip, 0)
        return
    handle = os.open(top, _ENTER)
    try:
        yield from _walk(handle, "", skip, 0)
    finally:
        os.close(handle)


def _walk(at: int | str, prefix: str, skip: Callable[[str], bool], depth: int) -> Iterator[tuple[str, Reader | None]]:
    with os.scandir(at) as listing:
        entries = sorted((entry for entry in listing if not skip(entry.name)), key=lambda entry: entry.name)
    for entry in entries:
        name = prefix + entry.name
        folder = at if isinstance(at, int) else None
        target = entry.name if isinstance(at, int) else entry.path
        if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
            if not isinstance(at, int):
                yield from _walk(target, name + "/", skip, depth + 1)
                continue
            handle = os.open(target, _ENTER, dir_fd=folder)
            try:
                yield from _walk(handle, name + "/", skip, depth + 1)
            finally:
                os.close(handle)
        elif entry.is_file(follow_symlinks=False):
            yield name, _reader(target, folder)
        else:
            yield name, None


def _reader(target: str, folder: int | None) -> Reader:
    return lambda limit: read_plain(target, limit, folder)
