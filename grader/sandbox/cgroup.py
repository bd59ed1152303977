"""Control groups (v1 or v2): a small one a worker caps its memory and its processes, where we may make any.

Where the processor is shared out by groups too, each worker's weighs the same, however many processes are in it.

Version 2 knows "no internal processes": only a group without any, or the root, hands its controllers down. So ours,
beside the one we live in, holds none, and hands memory, pids and cpu to those of the workers.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import kernel

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
HANDED_DOWN = "cgroup.subtree_control"
SWAP = ("memory.memsw.limit_in_bytes", "memory.swap.max")  # where it is not counted, it is the machine's own affair
SHARES = 1024  # of one process, or of one group, in version 1
NEARLY = 1 << 20  # bytes: the kernel takes some pages at a time, and may find that it cannot a little before the limit


@dataclass(frozen=True)
class Groups:
    """Open folders under which a worker's own group is made; held from before the jail, which hides /sys."""

    folders: tuple[tuple[str, int], ...]  # (controller, descriptor); ("unified", ...) for version 2

    @property
    def counts_memory(self) -> bool:
        return any(controller in ("memory", "unified") for controller, _ in self.folders)

    def create(self, name: str, memory: int, processes: int) -> None:
        """Make the group of one worker, bounded to `memory` bytes and so many processes; OSError where that fails."""
        bounds = {
            "memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
            "pids": {"pids.max": processes},
            "unified": {"memory.max": memory, "memory.swap.max": 0, "pids.max": processes},
        }
        for controller, folder in self.folders:
            os.mkdir(name, dir_fd=folder)
            for file, bound in bounds.get(controller, {}).items():
                try:
                    kernel.write(str(bound), f"{name}/{file}", folder)
                except OSError:
                    if file not in SWAP:
                        raise

    def enter(self, name: str) -> None:
        """Move the calling process into the group."""
        for _, folder in self.folders:
            kernel.write("0", f"{name}/cgroup.procs", folder)

    def overran(self, name: str) -> bool:
        """Whether the kernel has killed in the group for want of memory that the group's own limit refused.

        Its count of kills alone does not tell: it has those too for which the machine, or a group above, had no memory.
        """
        for controller, folder in self.folders:
            with contextlib.suppress(OSError):
                if controller == "unified":
                    events = _counts(folder, f"{name}/memory.events")
                    return events["oom_kill"] > 0 and events["oom"] > 0  # the second: at this group's limit alone
                if controller == "memory":
                    events = _counts(folder, f"{name}/memory.oom_control")
                    return events["oom_kill"] > 0 and _was_full(folder, name)
        return False

    def remove(self, name: str) -> None:
        """Remove the group of a worker that has ended; one with processes in it stays."""
        for _, folder in self.folders:
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=folder)

    def close(self) -> None:
        for _, folder in self.folders:
            os.close(folder)


def _was_full(folder: int, name: str) -> bool:
    """Whether a group of version 1 has been at its limit, with swap where that is counted."""
    limit = int(kernel.read(f"{name}/memory.limit_in_bytes", folder))
    try:
        most = kernel.read(f"{name}/memory.memsw.max_usage_in_bytes", folder)
    except FileNotFoundError:
        most = kernel.read(f"{name}/memory.max_usage_in_bytes", folder)
    return int(most) > limit - NEARLY


def _counts(folder: int, name: str) -> Counter[str]:
    lines = kernel.read(name, folder).splitlines()
    return Counter({key: int(count) for key, count in map(str.split, lines)})


def open_groups(name: str) -> Groups | None:
    """A group of ours in `own_folders`; None where nobody lets us (then the rlimits stand alone)."""
    made: list[tuple[str, int]] = []
    try:
        for controller, folder in own_folders():
            try:
                made.append((controller, _opened(folder / name)))
                _prepare(controller, folder / name)
            except OSError:
                if controller != "cpu":  # which bounds nothing, and is shared as it comes where there is no group
                    raise
        groups = Groups(tuple(made))
        groups.create("probe", 1 << 30, 64)
        groups.remove("probe")
    except OSError:
        Groups(tuple(made)).close()
        remove_groups(name)
        return None
    return groups if made else None


def _opened(home: Path) -> int:
    home.mkdir(exist_ok=True)
    return os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _prepare(controller: str, home: Path) -> None:
    """Hand controllers down in version 2; in version 1 all workers together weigh as much as a process a core."""
    if controller == "unified":
        has = (home / "cgroup.controllers").read_text().split()
        (home / HANDED_DOWN).write_text("+memory +pids" + (" +cpu" if "cpu" in has else ""))
    if controller == "cpu":
        (home / "cpu.shares").write_text(str(SHARES * (os.cpu_count() or 1)))


def remove_groups(name: str) -> None:
    """Remove what `open_groups(name)` made, when its workers have gone."""
    for _, folder in own_folders():
        with contextlib.suppress(OSError):
            for child in (folder / name).iterdir():
                if child.is_dir():
                    child.rmdir()
            (folder / name).rmdir()


def own_folders() -> list[tuple[str, Path]]:
    """(controller, folder) where we may make groups: in those that we run in; in version 2, mostly beside ours.

    That is the nearest group at or above ours that hands memory and pids down: a service's own tree need not do so.
    """
    found = []
    try:
        lines = MEMBERSHIP.read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("memory", "pids", "cpu", "cpu,cpuacct"):
            controller = controllers.removesuffix(",cpuacct")
            found.append((controller, ROOT / controller / path.lstrip("/")))
        elif controllers == "" and (ROOT / "cgroup.controllers").exists():
            own = ROOT / path.lstrip("/")
            above = [own, *own.parents[: len(own.relative_to(ROOT).parts)]]
            found.append(("unified", next(filter(_hands_down, above), ROOT)))
    return found


def _hands_down(group: Path) -> bool:
    try:
        return {"memory", "pids"} <= set((group / HANDED_DOWN).read_text().split())
    except OSError:
        return False
