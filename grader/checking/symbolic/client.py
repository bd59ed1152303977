"""The helper process that reads and compares students' formulas: it can be killed, and the next request gets another.

It is forked from the warm verifier. It never runs student text as code; it is apart because a formula may ask for more
time or memory than it is worth.
Requests and answers are JSON objects, each after its length in four bytes. What the helper itself does is in `server`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import signal
import socket
import struct
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.checking.symbolic.server import LIMIT, serve
from grader.checking.symbolic.verdict import Comparison, Decision
from grader.errors import CourseError
from grader.records import Text
from grader.sandbox import kernel

SECONDS = 2.0  # of the processor, for one request: symbolic.md, at worst; a busy machine changes no verdict
RECOGNISING = 0.5  # seconds of the processor: known mistakes are told from sampled points
WAITING = 5  # seconds on the clock for each of these: so little of the processor may a busy machine give
RUNS = 3  # of a request whose helper hangs up: somebody else may have killed it
OUT_OF_TIME = signal.SIGPROF  # what kills a helper whose request took more of the processor


@dataclass
class _Child:
    """A helper at the other end of a socket; `owner` is the process that may talk to it and has to bury it."""

    owner: int
    pid: int
    socket: socket.socket

    def read(self, size: int, deadline: float) -> bytes:
        """So many bytes before this deadline; EOFError or TimeoutError else."""
        received = b""
        while len(received) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            piece = self.socket.recv(size - len(received))
            if not piece:
                raise EOFError
            received += piece
        return received

    def write(self, message: bytes) -> None:
        self.socket.settimeout(1.0)  # an honest message fits the socket's buffer unless the helper stands still
        self.socket.sendall(message)

    def end(self) -> int:
        """Kill and bury; its exit status, -signal if it died before. One of another process is left to that."""
        self.socket.close()
        if self.owner != os.getpid():
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return 0


_child: _Child | None = None
_lock = threading.Lock()


def ask(request: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
    """The helper's answer to `request`, or None when it was killed for its time or died of its memory.

    `seconds` of the processor are allowed. One that hangs up for another reason is asked again, in a fresh process.
    """
    message = json.dumps({**request, "limit": seconds}).encode()
    if len(message) > LIMIT:
        return None
    with _lock:
        for _ in range(RUNS):
            try:
                return _asked(message, time.monotonic() + WAITING * seconds)
            except (EOFError, ConnectionError):
                if _end() == -OUT_OF_TIME:
                    return None
            except (TimeoutError, OSError, ValueError):
                _end()
                return None
    return None


def _asked(message: bytes, deadline: float) -> dict[str, Any] | None:
    global _child
    if _child is not None and _child.owner != os.getpid():  # we are a fork of the process that owns it
        _end()
    if _child is None:
        _child = _forked()
    _child.write(struct.pack(">I", len(message)) + message)
    (size,) = struct.unpack(">I", _child.read(4, deadline))
    if size > LIMIT:
        raise ValueError("a longer answer than any of ours")
    answer = json.loads(_child.read(size, deadline))
    return answer if isinstance(answer, dict) else None


def _end() -> int:
    global _child
    ended, _child = _child, None
    return ended.end() if ended is not None else 0


def compared(answer: str, expected: str, symbols: Mapping[str, str], without: tuple[str, ...] = ()) -> Comparison:
    """`symbolic.compare` in the helper; undecided over SECONDS of the processor; CourseError as there."""
    request = {
        "do": "compare",
        "answer": answer,
        "expected": expected,
        "symbols": dict(symbols),
        "without": list(without),
        "seconds": 0.8 * SECONDS,
    }
    found = ask(request, SECONDS)
    return Comparison(Decision.UNDECIDED, notes=("the helper was stopped",)) if found is None else _comparison(found)


def which_mistake(answer: str, mistakes: tuple[str, ...], symbols: Mapping[str, str]) -> int | None:
    """`symbolic.recognised` in the helper; None too when it takes longer than RECOGNISING, and as much for the way."""
    request = {
        "do": "recognise",
        "answer": answer,
        "mistakes": list(mistakes),
        "symbols": dict(symbols),
        "seconds": RECOGNISING,
    }
    place = (ask(request, 2 * RECOGNISING) or {}).get("place")
    return place if isinstance(place, int) else None


def first_broken(lines: tuple[str, ...], symbols: Mapping[str, str]) -> tuple[int, Comparison] | None:
    """`symbolic.broken_step` in the helper; line 0 when it takes longer than SECONDS."""
    found = ask({"do": "steps", "lines": list(lines), "symbols": dict(symbols), "seconds": 0.8 * SECONDS}, SECONDS)
    if found is None:
        return 0, Comparison(Decision.UNDECIDED, notes=("the helper was stopped",))
    return (int(found["line"]), _comparison(found["found"])) if found.get("line") else None


def close() -> None:
    """End the helper of this process, if it has one."""
    with _lock:
        _end()


atexit.register(close)


def _comparison(found: Mapping[str, Any]) -> Comparison:
    if "course" in found:
        raise CourseError(str(found["course"]))
    texts = tuple(Text(str(text["en"]), str(text["fa"])) for text in found["texts"])
    rest = {name: found[name] for name in ("counterexample", "points", "cells", "largest")}
    return Comparison(Decision(found["verdict"]), notes=tuple(map(str, found["notes"])), texts=texts, **rest)


def _forked() -> _Child:
    """A fork of this process, which is warm; it keeps no descriptor but its socket and dies with us."""
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads of ours hold no lock that the helper takes
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _settle(theirs.fileno(), parent)
            with theirs.makefile("rb") as reader, theirs.makefile("wb") as writer:
                serve(reader, writer)
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return _Child(parent, pid, ours)


def _settle(channel: int, parent: int) -> None:
    """In the fork: no descriptors, no signals, no way to outlive the parent."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, channel)
    os.closerange(channel + 1, _highest_descriptor() + 1)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD, OUT_OF_TIME):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    gc.freeze()


def _highest_descriptor() -> int:
    with contextlib.suppress(OSError):
        return max(map(int, os.listdir("/dev/fd")))
    return 4096
