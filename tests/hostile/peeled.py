"""A nursery with layers left out: `python -m tests.hostile.peeled`, in the nursery's place, for tests of each layer.

There is no such switch in the engine. The layers that stay come as bits of the nursery's level, and nothing is warmed:
attacks need neither torch nor a picture.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from grader.sandbox import cgroup, jail, kernel, landlock, limits, nursery, seccomp
from grader.sandbox.session import NurseryProcess, begin_nursery, finish_nursery
from tests.hostile.become import open_to_all

LAYERS = {
    nursery.NAMESPACES: ("file system", "network", "processes", "user", "limits", "system calls"),
    nursery.LANDLOCK: ("file system", "user", "limits", "system calls"),
}
NAMESPACES_OF = {"network": kernel.CLONE_NEWNET, "processes": kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC}


def start_peeled(level: int, kept: set[str]) -> NurseryProcess:
    """A nursery at this level with these layers alone."""
    number = sum(1 << place for place, layer in enumerate(LAYERS[level]) if layer in kept)
    return finish_nursery(begin_nursery(100 * level + number, "tests.hostile.peeled"))


def peel(without: set[str]) -> None:
    """Take these layers off the modules of this process."""
    whole = kernel.unshare
    dropped = sum(flags for layer, flags in NAMESPACES_OF.items() if layer in without)
    limits_of: Any = limits
    if dropped:
        kernel.unshare = lambda flags: whole(flags & ~dropped) if flags & ~dropped else None
    if "processes" in without:
        jail.next_child_alone = lambda room: None
        jail.back_home = lambda room: None
    if "file system" in without:
        jail._private_root = _public_root
        landlock.Rules = _NoRules  # type: ignore[assignment, misc]
    if "user" in without:
        limits_of._open_to_all = lambda paths: False
        kernel.drop_capabilities = kernel.bound_capabilities = lambda: None
    if "limits" in without:
        limits_of.set_rlimits = lambda *given, **more: None
        nursery.cgroup.Groups.create = _group_without_limits  # type: ignore[method-assign]
    if "system calls" in without:
        seccomp.install = lambda **how: None


def _public_root(nodes: object) -> None:
    """The machine's own root; only the worker's room is new."""
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("rooms", "/mnt", "tmpfs", 0, "mode=0755")
    jail.ROOM = "/mnt/room"
    nursery.HOME = f"{jail.ROOM}/hand-in"
    os.mkdir(jail.ROOM)


class _NoRules:
    def __init__(self, readable: Any, writable: Any) -> None:
        pass

    def lay(self) -> None:
        pass


def _group_without_limits(groups: cgroup.Groups, name: str, memory: int, processes: int) -> None:
    for _, folder in groups.folders:
        os.mkdir(name, dir_fd=folder)


def main(link: int, word: int, name: str) -> None:
    level, number = divmod(word, 100)
    open_to_all()  # or a closed folder above the interpreter would stop what a missing layer lets through
    peel({layer for place, layer in enumerate(LAYERS[level]) if not number >> place & 1})
    for warming in ("warm", "warm_pictures", "find_fonts", "load_in_process"):
        setattr(nursery, warming, lambda **how: None)
    nursery.main(link, level, name)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
