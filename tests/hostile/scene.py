"""The scene of a hostile hand-in: what there is to steal and to break, a grader without any layer, and a shut-in one.

Run as a script (`python -m tests.hostile.scene LEVEL`), it plays all attacks as the user who runs it.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from grader.checking.check_context import WRAP
from grader.errors import IsolationError
from grader.sandbox.faults import StudentFault
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import NurseryProcess, start_nursery
from grader.sandbox.submission import Line, Proxy
from tests.hostile.attacks import ATTACKS
from tests.workers import opened

SOURCE = "\n\n".join(inspect.getsource(function) for function in ATTACKS.values())
HONEST = """
def works():
    import tempfile, threading
    import numpy as np
    import torch
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("text")
    threads = [threading.Thread(target=sum, args=([1],)) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return bool(np.eye(2).trace() == 2) and torch.eye(2).trace().item() == 2

def crowds(count):
    import threading
    threading.stack_size(64 << 10)
    hold = threading.Event()
    for _ in range(count):
        threading.Thread(target=hold.wait, daemon=True).start()
    return True
"""
LIMITS = Limits(memory=128)  # so that what outgrows it is bearable for the machine that tries it without any layer

VICTIM = """
import ctypes, sys
buffer = ctypes.create_string_buffer(b"a secret in memory")
print(ctypes.addressof(buffer), flush=True)
sys.stdin.read()
"""
NAIVE = """
import json, sys
source, name, arguments = json.load(sys.stdin)
namespace = {}
exec(source, namespace)
try:
    print(json.dumps(bool(namespace[name](**arguments))))
except Exception as fault:
    print(json.dumps(repr(fault)))
"""


@contextmanager
def scene() -> Iterator[dict[str, Any]]:
    """What the attacks' parameters name: a file, a process, sockets, and sizes that no homework needs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scene-")))
        folder.chmod(0o755)  # as a course's folder is: no closed door does the layers' work
        (folder / "solution.py").write_text("the secret")
        own = folder / "own"
        own.mkdir()
        command = [sys.executable, "-S", "-c", VICTIM, "secret-argument"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        environment = os.environ | {"SECRET": "a-secret-of-the-victim"}
        victim = stack.enter_context(subprocess.Popen(command, env=environment, **pipes))  # type: ignore[call-overload]
        stack.callback(victim.kill)
        address = int(victim.stdout.readline())
        sockets = []
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(listening.getsockname())
        abstract = f"scene-{os.getpid()}-{address}"
        for kind, name in (
            (socket.SOCK_STREAM, f"\0{abstract}"),
            (socket.SOCK_DGRAM, f"\0{abstract}-datagrams"),
            (socket.SOCK_DGRAM, str(folder / "log")),
        ):
            unix = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            unix.bind(name)
            if kind == socket.SOCK_STREAM:
                unix.listen()
            sockets.append(unix)
        sockets += [listening, udp]
        yield {
            "secret_file": str(folder / "solution.py"),
            "own_folder": str(own),
            "victim": victim.pid,
            "address": address,
            "port": listening.getsockname()[1],
            "abstract": abstract,
            "unix_path": str(folder / "log"),
            "count": 300,
            "mebibytes": 400,
            "heard": lambda: [str(one.getsockname()) for one in sockets if select.select([one], [], [], 0)[0]],
        }


def arguments(name: str, things: dict[str, Any]) -> dict[str, Any]:
    return {parameter: things[parameter] for parameter in inspect.signature(ATTACKS[name]).parameters}


def naive(name: str, things: dict[str, Any]) -> bool | str:
    """The attack in a process of the machine without any layer, as a first grader would run it; a text is a failure."""
    told = json.dumps([SOURCE, name, arguments(name, things)])
    played = subprocess.run(
        [sys.executable, "-S", "-c", NAIVE], input=told, capture_output=True, text=True, check=False
    )
    assert played.stdout, played.stderr
    return json.loads(played.stdout)  # type: ignore[no-any-return]


@contextmanager
def shut_in(nursery: NurseryProcess) -> Iterator[Callable[[str, dict[str, Any]], bool | str]]:
    """`play(name, things)` in a worker of this nursery; a text says how the attack failed."""
    with opened(nursery, SOURCE + HONEST, limits=LIMITS) as student:

        def play(name: str, things: dict[str, Any]) -> bool | str:
            try:
                given = arguments(name, things) if name in ATTACKS else things
                return bool(getattr(Proxy(Line(student.session, 30.0, WRAP)), name)(**given))
            except StudentFault as fault:
                return f"{type(fault).__name__}: {fault.text.en}"

        yield play


def main(level: int) -> dict[str, Any]:
    """How every attack ends at this level, and whether honest code works beside a crowd; else {"level": why not}."""
    try:
        nursery = start_nursery(level)
    except IsolationError as fault:
        return {"level": str(fault)}
    found: dict[str, Any] = {}
    with contextlib.closing(nursery), shut_in(nursery) as play:
        for name in ATTACKS:
            with scene() as things:
                found[name] = play(name, things | {"own_folder": ""})
        with shut_in(nursery) as crowd, shut_in(nursery) as honest:
            crowded = level != NAMESPACES or crowd("crowds", {"count": LIMITS.processes - 2})
            found["works"] = (crowded, honest("works", {}))
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
