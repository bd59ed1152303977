"""One call of a function of ours on a stranger's bytes, in a fresh interpreter with limits on memory and time.

No student code runs there, so it needs no jail; it is apart because a parser can be made to hang or to eat all memory,
and only a process can be killed.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MEMORY = 2 * 2**30  # bytes of address space: 16 MiB of JSON can need 1 GiB as objects
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from grader.sandbox.isolated_call import _answer; _answer(sys.argv[2])"
)


class Lost(Exception):
    """No answer came: the process was killed for its time, or died of its memory or of a parser's fault."""


def isolated_call(function: str, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The answer of `function`, "module:name", to a request; both are JSON objects. Raises Lost when none comes."""
    root = str(Path(__file__).resolve().parents[2])
    try:
        run = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, root, function],  # -I: no environment variable, no current folder
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
        answer: dict[str, Any] = json.loads(run.stdout)
    except (subprocess.SubprocessError, ValueError) as fault:
        raise Lost(f"{function} gave no answer: {fault}") from fault
    return answer


def _answer(function: str) -> None:
    """The child's whole life: one request on stdin, one answer on stdout."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone
        pass
    else:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, name = function.split(":")
    answer = getattr(importlib.import_module(module), name)(json.load(sys.stdin.buffer))
    json.dump(answer, sys.stdout)
