"""Who descends from a process, and whether they have all ended: found in /proc, waited for by pidfd."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # seconds before a test says that what it waits for does not come; nothing is decided by them


def below(pid: int, *, at_least: int = 0) -> dict[int, int]:
    """A pidfd for each living descendant of `pid`, when there are at least so many."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = _descendants(pid)
        if len(found) >= at_least:
            return {child: descriptor for child in found if (descriptor := _pidfd(child)) is not None}
        assert time.monotonic() < deadline, f"{pid} has {len(found)} descendants, {at_least} were waited for"
        select.select([], [], [], 0.02)


def told_apart(family: dict[int, int], wanted: Callable[[bytes], bool]) -> dict[int, int]:
    """Those of a family that were started with such words; the descriptors of the others are closed."""
    theirs = {}
    for pid, descriptor in family.items():
        if wanted(words_of(pid)):
            theirs[pid] = descriptor
        else:
            os.close(descriptor)
    return theirs


def words_of(pid: int) -> bytes:
    """The words that a process was started with, a zero byte after each; none where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def appears(path: Path) -> None:
    """Return when there is something in the file at `path`."""
    deadline = time.monotonic() + PATIENCE
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < deadline, f"{path} was waited for"
        select.select([], [], [], 0.02)


def ended(family: dict[int, int]) -> bool:
    """Whether all of them end within our time_budget; their descriptors are closed."""
    poll = select.poll()
    for descriptor in family.values():
        poll.register(descriptor, select.POLLIN)
    left = set(family.values())
    deadline = time.monotonic() + PATIENCE
    while left and (seconds := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(seconds * 1000):
            poll.unregister(descriptor)
            left.discard(descriptor)
    for descriptor in family.values():
        os.close(descriptor)
    return not left


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found += (mine := children.get(todo.pop(), []))
        todo += mine
    return found
