"""Memory that outlives its process: a run's shared memory, queues and mounts, looked for once it is over."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from grader.sandbox.cgroup import own_folders
from grader.sandbox.limits import FIRST_UID
from tests.sample_course import ROOT

SMALL = 2 << 20  # bytes: the kernel's own count is behind by some pages a processor
QUEUES = """
import json, os, sys
from grader.sandbox import kernel
kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
kernel.mount("queues", "/mnt", "mqueue", 0)
print(json.dumps(os.listdir("/mnt")))
"""


class Watched:
    """A run that is watched for what it leaves in memory, in a control group of its own where we may make one."""

    def __init__(self) -> None:
        self.before = set(_kept())
        self.group = next((folder / f"watched-{os.getpid()}" for kind, folder in own_folders() if _counts(kind)), None)

    def __enter__(self) -> Watched:
        try:
            if self.group is not None:
                self.group.mkdir()
        except OSError:
            self.group = None
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self.group is not None:
            with contextlib.suppress(OSError):
                self.group.rmdir()

    def admit(self, pid: int) -> None:
        """Count the memory of this process, and of all that it is going to start."""
        if self.group is not None:
            (self.group / "cgroup.procs").write_text(str(pid))

    def left(self) -> list[str]:
        """What there is now, all of its processes being gone, and was not there before."""
        shared = 0 if self.group is None else _shared(self.group)
        return sorted(set(_kept()) - self.before) + ([f"{shared} bytes of shared memory"] if shared > SMALL else [])


def _counts(kind: str) -> bool:
    return kind in ("memory", "unified")


def _shared(group: Path) -> int:
    """Bytes of memory files, /dev/shm, tmpfs and SysV segments that the group still pays for, its children's too."""
    stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return int(stat.get("total_shmem", stat.get("shmem", 0)))


def _kept() -> Iterator[str]:
    """What the kernel keeps by name or number, as far as it may be a grader's."""
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/sysvipc", kind).read_text().splitlines()[1:]:
                yield f"sysv {kind} {' '.join(line.split()[:2])}"
    with contextlib.suppress(OSError):
        yield from (f"shm {entry.name}" for entry in os.scandir("/dev/shm") if entry.stat().st_uid >= FIRST_UID)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if line.split(" - ")[1].split()[1] in ("jail", "room"):
            yield f"mount {line.split()[4]}"
    if os.geteuid() == 0:
        told = subprocess.run([sys.executable, "-c", QUEUES], cwd=ROOT, capture_output=True, text=True, check=False)
        yield from (f"queue {name}" for name in (json.loads(told.stdout) if told.returncode == 0 else []))
