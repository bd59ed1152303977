"""The helper's own half: it answers one request after another, each within its time, and all within its memory."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, Any

from grader.checking.symbolic.comparison import broken_step, compare, recognised
from grader.checking.symbolic.verdict import Comparison, Decision
from grader.errors import CourseError

LIMIT = 1 << 22  # bytes of one message: 100 lines of 2,001 characters, up to twelve bytes each in JSON
MEMORY = 512 << 20  # bytes above what the process holds when it starts; an honest comparison takes 10 MiB


def serve(reader: IO[bytes], writer: IO[bytes]) -> None:
    """Answer requests until the other end is closed."""
    _limit_memory()
    while True:
        head = reader.read(4)
        if len(head) < 4:
            return
        (size,) = struct.unpack(">I", head)
        if size > LIMIT:
            return
        request = json.loads(reader.read(size))
        _limit_processor(request["limit"])
        try:
            answer = _answer(request)
        except MemoryError:
            return  # a fresh one has more room
        _limit_processor(0)  # or what is left of it would be the next request's, while that is read
        message = json.dumps(answer).encode()
        writer.write(struct.pack(">I", len(message)) + message)
        writer.flush()


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    symbols, seconds = request["symbols"], request["seconds"]
    try:
        if request["do"] == "recognise":
            return {"place": recognised(request["answer"], request["mistakes"], symbols, seconds)}
        if request["do"] == "steps":
            broken = broken_step(request["lines"], symbols, seconds)
            return {"line": broken[0], "found": asdict(broken[1])} if broken else {"line": 0}
        return asdict(
            compare(request["answer"], request["expected"], symbols, without=request["without"], seconds=seconds)
        )
    except CourseError as error:
        return {"course": str(error)}
    except RecursionError:
        return asdict(Comparison(Decision.UNDECIDED, notes=("nested too deep",)))


def _limit_memory() -> None:
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm") as pages:
            used = int(pages.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = used + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor(seconds: float) -> None:
    """End this process when it has spent so much of the processor from now on, 0: never."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
