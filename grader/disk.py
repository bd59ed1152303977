"""Reads what others put on disk: plain files only, no link followed, never more than was asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

DEEPEST = 20  # folders in folders; more is a bomb or an accident

# Each folder is held open and its files are opened relative to it, so that no folder on the way can be exchanged for a
# link meanwhile.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_ENTER = _READ | os.O_DIRECTORY

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
    handle = os.open(top, _ENTER)
    try:
        yield from _walk(handle, "", skip, 0)
    finally:
        os.close(handle)


def _walk(at: int, prefix: str, skip: Callable[[str], bool], depth: int) -> Iterator[tuple[str, Reader | None]]:
    with os.scandir(at) as listing:
        entries = sorted((entry for entry in listing if not skip(entry.name)), key=lambda entry: entry.name)
    for entry in entries:
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
            handle = os.open(entry.name, _ENTER, dir_fd=at)
            try:
                yield from _walk(handle, name + "/", skip, depth + 1)
            finally:
                os.close(handle)
        elif entry.is_file(follow_symlinks=False):
            yield name, partial(read_plain, entry.name, folder=at)
        else:
            yield name, None
