"""What a process leaves behind in memory is seen where the tests of the class look for it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from subprocess import PIPE

from tests.hostile.remains import Watched

LEAVING = """
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600), flush=True)
if os.geteuid() == 0:
    assert libc.mq_open(f"/left-{os.getpid()}".encode(), os.O_CREAT | os.O_RDWR, 0o600, None) >= 0
os.write(os.open(f"/dev/shm/left-{os.getpid()}", os.O_CREAT | os.O_WRONLY), bytes(16 << 20))
"""


def test_what_is_left_in_memory_is_seen() -> None:
    """Segments, queues and shared memory of a process that has gone are noticed where the tests look for them."""
    libc = ctypes.CDLL(None)
    with Watched() as watched:
        with subprocess.Popen(
            [sys.executable, "-c", f"input()\n{LEAVING}"], text=True, stdin=PIPE, stdout=PIPE
        ) as leaving:
            watched.admit(leaving.pid)
            told, _ = leaving.communicate("\n")
        try:
            found = " ".join(watched.left())
        finally:
            segment, queue = map(int, told.split())
            libc.shmctl(segment, 0, None)
            libc.msgctl(queue, 0, None)
            libc.mq_unlink(f"/left-{leaving.pid}".encode())
            os.unlink(f"/dev/shm/left-{leaving.pid}")

    assert f" {segment}" in found
    assert "sysv msg" in found
    if os.geteuid() == 0:
        assert f"queue left-{leaving.pid}" in found
    if watched.group is not None:
        assert "bytes of shared memory" in found
