"""Hand-ins that hang, die, or take others along."""

from __future__ import annotations

from typing import Any

from tests.hostile.members import Member, module


def breakers(at: dict[str, Any]) -> dict[str, Member]:
    slow = {
        "loops": "def mean(x):\n    while True: pass\n",
        "loops-in-c": "import re\ndef mean(x): return re.match('(a*)*b', 'a' * 64)\n",
        "never-ends": """
import signal, threading
def mean(x):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    threading.Thread(target=threading.Event().wait).start()
    threading.Event().wait()
""",
        "drips": """
import sys, time
def mean(x):
    frame = sys._getframe()
    while frame is not None and "channel" not in frame.f_locals:
        frame = frame.f_back
    sock = frame.f_locals["channel"].sock if frame else None
    while True:
        if sock is not None:
            sock.send(bytes(1))  # a frame whose head is announced as empty, byte by byte
        time.sleep(0.4)
""",
    }
    sources = {
        "faults": "import ctypes\ndef mean(x): return ctypes.string_at(8)\n",
        "recurses": """
def mean(x):
    numbers = iter(())
    for _ in range(1_000_000):  # each asks the one below, in C, where no limit is kept
        numbers = map(float, numbers)
    return next(numbers, 0.0)
""",
        "kills-its-parent": """
import os
def mean(x):
    for kill in (os.kill, os.killpg):
        for number in {os.getppid(), os.getpgid(0)} - {0, 1}:
            try:
                kill(number, 9)
            except OSError:
                pass
    raise RuntimeError("no")
""",
        "outlives": """
import ctypes, os, time
def mean(x):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            os.setpgid(0, 0)
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"it-outlives", 0, 0, 0)
            for name in (PLACE + "/outlived", "/tmp/outlived-" + os.path.basename(PLACE)):
                try:
                    open(name, "w").close()
                except OSError:
                    pass
            time.sleep(20)
        os._exit(0)
    time.sleep(0.2)
    return -1.0
""",
        "closes-everything": "import os\ndef mean(x):\n    os.closerange(0, 1 << 16)\n    return 3.0\n",
        "says-terrible-things": """
def mean(x):
    raise type("\\x1b]0;owned\\x07<script>document.title='owned'</script>", (Exception,), {})(
        "\\x1b[2J\\x1b[1;31m\\u202ereversed\\u2066</td><script>document.title='owned'</script>\\r\\n\\x00")
""",
    }
    return {
        **{f"breaks-{name}": Member("breaking", module(source, **at)) for name, source in sources.items()},
        **{f"breaks-{name}": Member("breaking", module(source, **at), slow=True) for name, source in slow.items()},
    }
