"""Put a warm parent's memory on large pages: a fork then copies some hundred table entries, not sixty thousand.

A warmed nursery holds 250 MB that its children share. Measured on Linux 6.18, torch 2.13, a fork with its exit: 16 ms
of kernel time on pages of 4 KiB, 5 ms on pages of 2 MiB. Where the kernel knows no MADV_COLLAPSE (before Linux 6.1) or
has large pages switched off, everything works as before, and forks cost what they did.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from grader.sandbox import kernel

LARGE = 2 << 20  # bytes of a large page on x86-64, and on arm64 with ordinary pages of 4 KiB
ANONYMOUS = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 +(?:\[heap\])?$", re.MULTILINE)


def enlarge(maps: str) -> int:
    """Gather this process's private memory into large pages; how many there are. `maps`: its /proc/self/maps."""
    gathered = 0
    for start in _aligned(maps):
        with contextlib.suppress(OSError):  # nothing there yet, or this kernel will not
            kernel.madvise(start, LARGE, kernel.MADV_COLLAPSE)
            gathered += 1
    return gathered


def _aligned(maps: str) -> Iterator[int]:
    """The addresses at which a whole large page of private, writable memory begins."""
    for match in ANONYMOUS.finditer(maps):
        first, end = int(match[1], 16), int(match[2], 16)
        yield from range(-(-first // LARGE) * LARGE, end - LARGE + 1, LARGE)


def own_maps(proc: int | None = None) -> str:
    """/proc/self/maps, through a descriptor of /proc where the jail hides it."""
    path = "/proc/self/maps" if proc is None else "self/maps"
    with contextlib.suppress(OSError), os.fdopen(os.open(path, os.O_RDONLY, dir_fd=proc)) as maps:
        return maps.read()
    return ""
