"""What a run that was killed could not take away itself: its control groups and scratch folders, swept by the next run.

Both are called after the process that owns them, `grader-<pid>-<random>`; whose owner lives is left alone.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import re
import stat
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

from grader.sandbox.cgroup import own_folders, remove_groups
from grader.store import lives

NAME = re.compile(r"grader-(\d+)-[0-9a-f]{8}")


def new_name() -> str:
    """A name for what the calling process is about to own."""
    return f"grader-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def sweep() -> None:
    """Remove groups and folders of owners that have ended without doing so."""
    for _, folder in own_folders():
        for name in _ownerless(folder):
            remove_groups(name)
    scratch = Path(tempfile.gettempdir())
    for name in _ownerless(scratch):
        if (scratch / name).lstat().st_uid == os.geteuid():
            remove_tree(str(scratch / name))


def remove_tree(path: str, most: float = math.inf) -> bool:
    """Remove a folder of whose workers none lives any more; False if there were more than `most` names in it."""
    with contextlib.suppress(OSError), contextlib.closing(_removing(path)) as removing:
        for count, _ in enumerate(removing):
            if count >= most:
                return False
    return True


def _removing(path: str) -> Generator[None]:
    """One name after another. Folders in folders are moved up: they may lie deeper than any path or stack reaches."""
    if not os.path.islink(path):
        os.chmod(path, 0o700)
    with _opened(path) as top:
        for name in _names(top):
            if not _unlinked(name, top):
                with _opened(name, top) as folder:
                    for inner in _names(folder):
                        if not _unlinked(inner, folder):
                            os.rename(inner, uuid.uuid4().hex, src_dir_fd=folder, dst_dir_fd=top)
                        yield
                os.rmdir(name, dir_fd=top)
            yield
    os.rmdir(path)


@contextlib.contextmanager
def _opened(name: str, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _names(folder: int) -> Iterator[str]:
    """The names in an open folder until there are none: who asks removes each."""
    while True:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, 1000)]
        if not names:
            return
        yield from names


def _unlinked(name: str, folder: int) -> bool:
    """Remove a file; a folder is opened to its owner, whom somebody may have locked out."""
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        os.chmod(name, 0o700, dir_fd=folder)
        return False
    os.unlink(name, dir_fd=folder)
    return True


def _ownerless(folder: Path) -> list[str]:
    owned = [match for entry in folder.glob("grader-*") if (match := NAME.fullmatch(entry.name))]
    return [match[0] for match in owned if not lives(int(match[1]))]
