"""What a worker may use: processes, memory, disk, time; and the order in which a worker gives up every right it has."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import jail, kernel, landlock, seccomp

MIB = 1 << 20
FIRST_UID = 60_000  # workers of a root nursery: a user of their own each, above what systems give to people
UIDS = 5_000
ADDRESS_SPACE = 1 << 36  # bytes: 64 GiB need 128 MiB of page tables


@dataclass(frozen=True)
class Limits:
    """Bounds of one worker. `memory`: MiB beyond what the warmed nursery holds; `cpu`: seconds over its whole life."""

    memory: int = 1024
    processes: int = 64  # threads count
    files: int = 256
    signals: int = 64  # queued, timers included: counted a user, not a worker
    file_size: int = 256  # MiB, as its tmpfs
    cpu: int = 600


TRAINING_MEMORY = 4096  # MiB: the whole of CIFAR-10 and its gradients, or what torch and a driver hold for a card
ON_GPU = Limits(memory=TRAINING_MEMORY, cpu=86_400)  # the same for all: each of their calls has an end of its own


def warmed_data(room: jail.Jail | None) -> int:
    """Bytes of data that this process holds already: RLIMIT_DATA counts them in the child too."""
    lines = kernel.read(*_of_itself("status", room)).splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmData:"))


def set_rlimits(limits: Limits, held: int, running: int = 0, *, counted: bool = True) -> None:
    """`held`: what `warmed_data` said; `running`: tasks of the same user that RLIMIT_NPROC counts too.

    RLIMIT_DATA for memory, because CUDA and torch reserve address space. Unless a control group has `counted` page
    tables too, address space gets an end: a page of table can be had for every 2 MiB that is only looked at.
    """
    bounds = [
        (resource.RLIMIT_CORE, 1),  # no file is so short; at 0 the kernel would still start a program that takes cores
        (resource.RLIMIT_DATA, held + limits.memory * MIB),
        (resource.RLIMIT_NPROC, limits.processes + running),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_FSIZE, limits.file_size * MIB),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, limits.signals),
        (resource.RLIMIT_RTPRIO, 0),  # desktops give their people some, for sound: a loop at one stops everybody else
        (resource.RLIMIT_NICE, 0),
    ]
    if not counted:
        bounds.append((resource.RLIMIT_AS, ADDRESS_SPACE))
    for kind, value in bounds:
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def tasks_of_user() -> int:
    """How many processes and threads the calling user has on this machine."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it has just ended, or is not to be seen
            if os.stat(f"/proc/{name}").st_uid == os.geteuid():
                count += len(os.listdir(f"/proc/{name}/task"))
    return count


def die_first(room: jail.Jail | None) -> None:
    """Should the machine run out of memory, the kernel takes a worker and not the verifier or anybody else."""
    with contextlib.suppress(OSError):
        kernel.write("1000", *_of_itself("oom_score_adj", room))


def _of_itself(name: str, room: jail.Jail | None) -> tuple[str, int | None]:
    """Path and folder of what /proc has of the calling process: in a jail the outer one, which was kept open."""
    return (f"/proc/self/{name}", None) if room is None else (f"self/{name}", room.proc)


def shut_in(limits: Limits, held: int, slot: int, room: jail.Jail | None, home: str, *, counted: bool) -> None:
    """The worker's last act with rights: its own rooms, its own user, its limits, no capability, the filter.

    With a `room` (level 3) it lives in namespaces; without (level 2) Landlock shows it the interpreter and `home`
    alone, it may have no children, and it may signal nobody. `counted`: a control group holds its memory together.
    """
    die_first(room)
    if room is not None:
        jail.own_room(room)
        os.close(room.pid_namespace)
        os.close(room.proc)
        os.mkdir(home)
    readable = [] if room is not None else [*jail.visible_paths(), *jail.devices(), *jail.PROCESSOR]
    rules = landlock.Rules(readable, [Path(home)]) if room is None else None  # opened while we still may
    kernel.bound_capabilities()
    if os.geteuid() == 0 and not (room is not None and room.maps_users) and _open_to_all(readable):
        uid = FIRST_UID + slot % UIDS
        os.chown(home, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    # After the user namespace, or its parent would count the processes of all workers against this limit together.
    set_rlimits(limits, held, tasks_of_user() if room is None else 0, counted=counted)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the nursery; a change of user forgets it
    if rules is not None:
        rules.lay()
    seccomp.install(alone=room is None, counted=counted, for_gpu=room is not None and room.for_gpu)


def _open_to_all(paths: list[Path]) -> bool:
    """Whether another user could reach these at all: an interpreter in /root cannot be run by anybody else."""
    return all(parent.stat().st_mode & 0o001 for path in paths for parent in path.parents)
