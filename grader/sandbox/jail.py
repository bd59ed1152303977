"""Namespaces and the private root: what a worker can see at all. Entered once by the nursery, then narrowed a worker.

The nursery's jail: own mount, network, IPC, UTS and pid namespaces (and a user namespace where we are not root), and a
read-only root that holds the interpreter, its libraries, this package, four devices, and of /proc and /sys what they
say about the processor. No submission, no course. A worker gets a pid and a mount namespace of its own and one small
tmpfs; files reach it over the wire.

The jail for trainings on a GPU holds that card's nodes too and more of /sys, and its workers a /proc of their own
processes and a network of their own: without them the driver does not start.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import kernel

TMPFS_LIMIT = "size=256m,nr_inodes=16k,mode=0777"  # a folder of images, a checkpoint; memory that the group counts
READ_ONLY = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
PROC_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
THREADS_END_WITHIN = 10.0  # seconds
ROOM = "/room"  # where a worker may write
PROCESSOR = (Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu"))  # unseen, torch would use no vector unit
PROC = "/proc"
DRIVER_READS = tuple(Path("/sys") / name for name in ("devices", "bus", "module", "class", "dev"))  # not fs: cgroups
DEVICES = ("null", "full", "random", "urandom")  # no "zero": mapped and shared, it is memory that nothing counts


@dataclass(frozen=True)
class Jail:
    """What the nursery keeps to open a worker's own rooms: its pid namespace, and the outer /proc."""

    pid_namespace: int
    proc: int  # a descriptor of the outer /proc, through which a process finds itself
    maps_users: bool  # False where we are root: then a worker gets a user of its own without a namespace
    for_gpu: bool = False  # whether a worker gets a /proc and a network, both of its own


def visible_paths() -> list[Path]:
    """Interpreter, libraries and this package: everything that a worker's root holds, and nothing of a course."""
    wanted = [
        Path(sys.base_prefix),
        Path(sys.prefix),
        *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
        Path(__file__).resolve().parent.parent,
        Path("/usr"),
        Path("/lib"),
        Path("/lib64"),
        Path("/etc/ld.so.cache"),
        *driver_folders(),
    ]
    kept: list[Path] = []
    for path in sorted({p.resolve() for p in wanted if p.exists()}):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def in_sight(path: Path) -> Path | None:
    """The visible folder that `path` lies in, all of which a worker may read; None for what it does not see."""
    return next((seen for seen in visible_paths() if path.resolve().is_relative_to(seen)), None)


def driver_folders() -> list[Path]:
    """Where a GPU's driver lies that the linker's cache does not know: an environment for a GPU names such folders."""
    named = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return [Path(name) for name in named if name and Path(name, "libcuda.so.1").exists()]


def devices() -> list[Path]:
    return [Path("/dev") / name for name in DEVICES]


def enter(nodes: Sequence[Path] = ()) -> Jail:
    """Shut the calling process in; it becomes pid 1 of the jail (its parent waits for it and ends with its status).

    `nodes`: of a GPU in /dev, for a jail whose workers may use it.
    """
    root = os.geteuid() == 0
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWPID
    uid, gid = os.geteuid(), os.getegid()
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    if root:
        kernel.unshare(flags)
    else:
        wait_for_threads()
        kernel.unshare(flags | kernel.CLONE_NEWUSER)
        map_user(proc, uid, gid)
    socket.sethostname("hand-in")  # nobody needs to know on whose machine they are
    child = os.fork()
    if child:
        _wait_in_its_place(child)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    pid_namespace = os.open("self/ns/pid", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
    _private_root(nodes)
    return Jail(pid_namespace, proc, maps_users=not root, for_gpu=bool(nodes))


def wait_for_threads() -> None:
    """Until the calling thread is the only one: the kernel lets no other process into a user namespace.

    matplotlib has one while it looks for fonts, which is told to end and then takes its time. `join` would not do: it
    returns before the kernel has ended the thread.
    """
    deadline = time.monotonic() + THREADS_END_WITHIN
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < deadline:
        time.sleep(0.001)


def map_user(proc: int, uid: int, gid: int) -> None:
    """Give the new user namespace its one user: root inside, the same ordinary user outside."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        kernel.write(text, f"self/{name}", proc)


def _wait_in_its_place(child: int) -> None:
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _private_root(nodes: Sequence[Path]) -> None:
    facts = DRIVER_READS if nodes else PROCESSOR
    shown = [*visible_paths(), *devices(), *nodes, *filter(Path.exists, facts)]
    sources = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in shown]
    names = [Path(name) for name in ("/lib", "/lib64", "/bin", sys.prefix, sys.base_prefix)]
    links = [(path, path.resolve()) for path in names if path.exists() and path.resolve() != path]
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    new = Path(tempfile.gettempdir())
    kernel.mount("jail", str(new), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=0755")
    for path, descriptor in sources:
        _bind(descriptor, new / path.relative_to("/"))
    _read_only(new)
    for link, to in [*links, (Path("/tmp"), Path(ROOM)), (Path("/dev/shm"), Path(ROOM))]:
        name = new / link.relative_to("/")
        if not name.exists():  # it does where the interpreter itself lies below it
            name.parent.mkdir(parents=True, exist_ok=True)
            name.symlink_to(to)
    (new / ROOM[1:]).mkdir()
    if nodes:  # while the machine's own is in sight: the kernel gives nobody a /proc who sees none
        (new / PROC[1:]).mkdir()
        kernel.mount("proc", f"{new}{PROC}", "proc", PROC_FLAGS)
    _change_root(new)
    _fresh_room()


def _bind(descriptor: int, target: Path) -> None:
    """Show at `target` what is open there, with all that is mounted in it."""
    source = f"/proc/self/fd/{descriptor}"
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.isdir(source):
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    kernel.mount(source, str(target), None, kernel.MS_BIND | kernel.MS_REC)
    os.close(descriptor)


def _change_root(new: Path) -> None:
    """Leave the machine's root for the new one, to which nothing is added from now on."""
    (new / "old").mkdir()
    kernel.pivot_root(str(new), str(new / "old"))
    os.chdir("/")
    kernel.unmount("/old")
    os.rmdir("/old")
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | READ_ONLY)


def _fresh_room() -> None:
    kernel.mount("room", ROOM, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, TMPFS_LIMIT)


def _read_only(new: Path) -> None:
    """Let nothing be written to what was bound below `new`, nor to file systems inside it, which came along.

    Devices can be written to all the same; only their times stay, which would be a note for whoever comes later.
    mountinfo (proc_pid_mountinfo(5)) has what hangs on what, since older mounts below this path are hidden and out of
    reach, and noexec, which a remount must repeat.
    """
    device = os.stat(new).st_dev
    within = {b"%d:%d" % (os.major(device), os.minor(device))}  # the new root itself; then its mounts, by their numbers
    mounts = [line.split(b" ") for line in Path("/proc/self/mountinfo").read_bytes().splitlines()]
    for number, parent, device_number, _, place, options, *_ in sorted(mounts, key=lambda mount: len(mount[4])):
        if device_number in within:
            within.add(number)
        elif parent in within:
            within.add(number)
            target = Path(os.fsdecode(re.sub(rb"\\(\d{3})", lambda found: bytes([int(found[1], 8)]), place)))
            flags = READ_ONLY | (kernel.MS_NOEXEC if b"noexec" in options.split(b",") else 0)
            if target.parent == new / "dev":
                flags &= ~kernel.MS_NODEV
            kernel.mount("none", str(target), None, kernel.MS_REMOUNT | kernel.MS_BIND | flags)


def next_child_alone(jail: Jail) -> None:
    """The next fork of the calling nursery becomes pid 1 of a pid namespace of its own.

    On a GPU the network is its own too, from here on also ours, so that its end of the sockets that we make for it is
    in there: a driver takes names that all of one network see.
    """
    kernel.unshare(kernel.CLONE_NEWPID | (kernel.CLONE_NEWNET if jail.for_gpu else 0))


def back_home(jail: Jail) -> None:
    """Later children are ours again: without it, no second `next_child_alone` is allowed."""
    kernel.setns(jail.pid_namespace, kernel.CLONE_NEWPID)


def own_room(jail: Jail) -> None:
    """In the worker: a mount namespace with a fresh tmpfs (and a user namespace, whose process limit is its own)."""
    if jail.for_gpu:  # while we still are the user to whom our pid namespace belongs
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("proc", PROC, "proc", PROC_FLAGS)
    if jail.maps_users:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        map_user(jail.proc, 0, 0)
    else:
        kernel.unshare(kernel.CLONE_NEWNS)
    _fresh_room()
