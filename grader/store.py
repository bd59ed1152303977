"""Writes results as JSON, and so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

HALF = re.compile(r"^\..+\.(\d+)\.[^.]+$")  # .s01.json.4711.x7ab: being written by process 4711


def as_bytes(record: Any) -> bytes:
    """JSON as it is written everywhere: UTF-8, keys in their order, one value a line; half a character is `?`."""
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` (a link there is replaced, not followed) by a file with these bytes; make its folder too.

    An OSError names `path`, where the system names nothing (a full disk) or the half of a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{os.getpid()}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as fault:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(fault, OSError):
            fault.filename = str(path)
        raise


def sweep(folder: Path) -> None:
    """Remove what killed processes have left half written below `folder`."""
    for path in folder.rglob(".*"):
        written = HALF.match(path.name)
        if written and not lives(int(written[1])):
            path.unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Whether there is a process of this number, whosever it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
