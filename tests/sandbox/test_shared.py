"""What all workers of a run share bears no note from one to a later one: a kept data set's file, and the devices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.sandbox.memory import keep
from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from tests.workers import OpenHandIn

SOURCE = """
import fcntl, mmap, os, struct, sys

wire, kept = sys.modules["grader.sandbox.wire"], []
mapped = wire.mapped

def keeps(descriptor, size):
    kept.append(os.dup(descriptor))
    return mapped(descriptor, size)

wire.mapped = keeps

def hinted(file):
    try:
        return fcntl.fcntl(file, 1035, bytes(8))  # F_GET_RW_HINT
    except OSError:
        return None

def attributes(file):
    try:
        return fcntl.ioctl(file, 0x80086601, bytes(8))  # FS_IOC_GETFLAGS
    except OSError:
        return None

def finds(rows):
    file = kept[-1]
    found = [fcntl.fcntl(file, fcntl.F_GETFL), os.lseek(file, 0, os.SEEK_CUR), os.listxattr(file)]
    for where in (file, "/dev/null", "/dev/urandom"):
        about = os.stat(where)
        found += [about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns, about.st_ctime_ns]
        found += [about.st_atime_ns] if attributes(file) else []  # before Linux 6.0, no memory file can be without
    return found + [hinted(file), attributes(file), os.pread(file, 16, 0)]

NOTES = {
    "offset": lambda file: os.lseek(file, 4711, os.SEEK_SET),
    "mode of the open file": lambda file: fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND),
    "attribute": lambda file: os.setxattr(file, "user.note", b"text"),
    "mode": lambda file: os.fchmod(file, 0o700),
    "owner": lambda file: os.fchown(file, os.getuid(), os.getgid()),
    "times": lambda file: os.utime(file, (1, 1)),
    "times of now": lambda file: os.utime(file),
    "mode by name": lambda file: os.chmod(f"/proc/self/fd/{file}", 0o700),
    "times by name": lambda file: os.utime(f"/proc/self/fd/{file}"),
    "time of access": lambda file: os.pread(file, 1, 0),
    "hint": lambda file: fcntl.fcntl(file, 1036, struct.pack("Q", 3)),
    "flags": lambda file: fcntl.ioctl(file, 0x40086602, struct.pack("l", 0x40)),
    "content": lambda file: os.pwrite(file, b"note", 0),
    "length": lambda file: os.ftruncate(file, 1),
    "mapping": lambda file: mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE).write(b"note"),
    "times of a device": lambda file: os.utime("/dev/null"),
    "access to a device": lambda file: os.read(os.open("/dev/urandom", os.O_RDONLY), 1),
}

def leaves(rows, name):
    try:
        NOTES[name](kept[-1])
    except OSError:
        pass
"""
NOTES = [line.split('"')[1] for line in SOURCE.splitlines() if ": lambda file: " in line]


@pytest.fixture(scope="module")
def rows() -> Any:
    """A data set, which the verifier keeps for all of a run."""
    return keep(np.zeros(1 << 18))


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize(
    ("level", "card"), [(NAMESPACES, False), (LANDLOCK, False), (NAMESPACES, True)], ids=["3", "2", "beside a card"]
)
def test_nobody_finds_what_another_worker_leaves(
    hand_in: OpenHandIn, rows: Any, level: int, card: bool, note: str
) -> None:
    """Whatever the second does to the file of a data set, or to a device, the third finds what the first has found."""
    first, second, third = (hand_in(SOURCE, level=level, card=card) for _ in range(3))
    before = first.proxy.finds(rows)
    second.proxy.leaves(rows, note)

    assert third.proxy.finds(rows) == before


@pytest.mark.parametrize("level", [NAMESPACES, LANDLOCK])
def test_what_everybody_gets_is_everybody_s_own_to_write(hand_in: OpenHandIn, rows: Any, level: int) -> None:
    """The file is opened for reading alone, and is mapped so that each worker may change its rows."""
    source = "def adds(rows):\n    rows += 1\n    return float(rows.sum())\n"

    assert [hand_in(source, level=level).proxy.adds(rows) for _ in range(2)] == [float(1 << 18)] * 2


def test_a_worker_s_own_files_are_copied_with_their_times(hand_in: OpenHandIn) -> None:
    """Among namespaces it finds by name what is its own and what is read-only, so times and modes may be set so."""
    source = """
import os, shutil

def copies():
    open("one", "w").close()
    os.utime("one", (1, 1))
    os.chmod("one", 0o640)
    about = os.stat(shutil.copy2("one", "two"))
    return [about.st_mtime, about.st_mode & 0o777]
"""

    assert hand_in(source, level=NAMESPACES).proxy.copies() == [1.0, 0o640]
