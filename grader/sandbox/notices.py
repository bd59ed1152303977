"""What a training tells before its answer: its losses and the lines that it prints. Somebody watches, nobody counts."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from io import BufferedIOBase, TextIOWrapper
from typing import Any

LINE_LIMIT = 300  # characters of a line that are told
SECONDS_APART = 0.5

Tell = Callable[[dict[str, Any]], None]


def seldom(tell: Tell) -> Tell:
    """`tell`, but for what comes while another notice is told, within half a second of it, or from a child process.

    All of them share one connection, where what comes in the middle of another would spoil both.
    """
    own, telling, last = os.getpid(), threading.Lock(), 0.0

    def told(what: dict[str, Any]) -> None:
        nonlocal last
        if os.getpid() != own or not telling.acquire(blocking=False):
            return
        try:
            if time.monotonic() - last > SECONDS_APART:
                last = time.monotonic()
                tell(what)
        finally:
            telling.release()

    return told


@contextlib.contextmanager
def lines_told(tell: Tell) -> Iterator[None]:
    """Inside, the last whole line of what is printed is told; threads that print there afterwards are not heard."""
    lines = _Lines(tell)
    stdout = TextIOWrapper(lines, encoding="utf-8", errors="replace", line_buffering=True)
    try:
        with contextlib.redirect_stdout(stdout):
            yield
    finally:
        lines.telling.acquire()  # waits for the line that is being told, and is never released


class _Lines(BufferedIOBase):
    """The bytes below a stdout, whose last whole line is told, cut, by whoever gets hold of `telling`."""

    name = "<stdout>"

    def __init__(self, tell: Tell) -> None:
        self.telling = threading.Lock()
        self._tell = tell
        self._line = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = bytes(memoryview(data))
        *lines, rest = (self._line + written).split(b"\n")
        self._line = rest[: 4 * LINE_LIMIT]  # a character has at most four bytes
        if lines and self.telling.acquire(blocking=False):
            try:
                self._tell({"line": lines[-1].decode(errors="replace")[:LINE_LIMIT]})
            finally:
                self.telling.release()
        return len(written)
