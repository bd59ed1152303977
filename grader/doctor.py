"""`grader doctor`: which isolation and devices this machine gives, each found by a real probe, and the one fix."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.sandbox.cgroup import open_groups, own_folders, remove_groups
from grader.sandbox.gpu import begin_on_gpu, finish_on_gpu, nodes
from grader.sandbox.leftovers import new_name
from grader.sandbox.limits import Limits
from grader.sandbox.session import NurseryProcess, answer_of, start_nursery

PROBE = b"""
import os, socket

def sees(paths):
    found = []
    for path in paths:
        try:
            os.stat(path)
            open(path).close() if not os.path.isdir(path) else os.listdir(path)
            found.append(path)
        except OSError:
            pass
    return found

def opens_a_socket():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        return True
    except OSError:
        return False

def processes(limit):
    children = 0
    try:
        while children < limit:
            child = os.fork()
            if child == 0:
                import time
                time.sleep(30)
                os._exit(0)
            children += 1
    except OSError:
        pass
    return children

def takes(mebibytes):
    try:
        block = bytearray(mebibytes << 20)
        return True
    except MemoryError:
        return False

def may_signal(pid):
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False
"""


DELEGATED = "systemd-run --user --scope grader run ..."  # a scope among the user's own, which systemd hands over


@dataclass(frozen=True)
class Probe:
    """One line of the doctor's: what was probed, whether it holds, and what to do if not."""

    what: str
    holds: bool
    told: str
    fix: str = ""


def examine(secret: Path) -> list[Probe]:
    """Every probe. `secret`: a file that student code must not be able to read, such as the draws' key."""
    probes = [
        _level(3, "namespaces", _namespace_fix()),
        _level(2, "Landlock", "Use Linux 6.2 or later with Landlock enabled."),
    ]
    best = next((level for level, probe in zip((3, 2), probes, strict=True) if probe.holds), 0)
    if best:
        probes += [*_inside(best, secret), _group()]
    probes.append(_accelerator())
    return probes


def _level(level: int, name: str, fix: str) -> Probe:
    try:
        nursery = start_nursery(level)
    except (GraderError, OSError) as fault:
        return Probe(f"level {level}: {name}", False, str(fault), fix)
    nursery.close()
    return Probe(f"level {level}: {name}", True, "a worker's parent shut itself in and warmed up")


def _inside(level: int, secret: Path) -> list[Probe]:
    secrets = [str(secret), "/etc/passwd", "/proc/self/environ"]
    probes: list[tuple[str, str, list[Any], Callable[[Any], bool], str]] = [
        ("files", "sees", [secrets], lambda seen: seen == [], "the course and the system are out of sight"),
        ("network", "opens_a_socket", [], lambda opened: opened is False, "no socket can be made"),
        ("processes", "processes", [200], lambda number: number < 64, "at most 64 processes"),
        ("memory", "takes", [4096], lambda took: took is False, "4 GiB are refused"),
        ("signals", "may_signal", [os.getpid()], lambda may: may is False, "other processes cannot be signalled"),
    ]
    nursery = start_nursery(level)
    try:
        return [_probed(nursery, *probe) for probe in probes]
    finally:
        nursery.close()


def _probed(
    nursery: NurseryProcess, what: str, function: str, arguments: list[Any], holds: Callable[[Any], bool], told: str
) -> Probe:
    try:
        answer = answer_of(nursery, PROBE, function, arguments, Limits(), 30)
    except Exception as fault:
        return Probe(what, False, f"the probe failed: {fault}", "Report it with this line.")
    good = holds(answer)
    return Probe(
        what,
        good,
        told if good else f"the probe got through: {answer}",
        "" if good else "Do not grade strangers' code on this machine.",
    )


def _group() -> Probe:
    """Whether memory and processes of a worker are counted together; without it they are bounded one by one."""
    name = new_name()
    groups = open_groups(name)
    counted = groups is not None and groups.counts_memory
    if groups is not None:
        groups.close()
        remove_groups(name)
    if counted:
        return Probe("control group", True, "all memory of a hand-in is counted together")
    told = "none may be made: hand-ins get no processes of their own, and large answers come slower"
    beside = "" if dict(own_folders()).keys() != {"unified"} else f" `{DELEGATED}` may be given some."
    return Probe("control group", False, told, f"None needed.{beside}")


def _namespace_fix() -> str:
    with contextlib.suppress(OSError):
        if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").read_text().strip() == "1":
            python = os.path.realpath(sys.executable)
            return (
                f"Ubuntu: give {python} an AppArmor profile with `userns,` in /etc/apparmor.d/grader, as "
                "docs/security.md shows, and load it: `sudo apparmor_parser -r /etc/apparmor.d/grader`."
            )
    with contextlib.suppress(OSError):
        if Path("/proc/sys/user/max_user_namespaces").read_text().strip() == "0":
            return "`sudo sysctl user.max_user_namespaces=15000`."
    if platform.system() != "Linux":
        where = "in WSL2" if platform.system() == "Windows" else "in a Linux container, as the Containerfile says"
        return f"Grade {where}."
    return (
        "In a container: allow user namespaces to an ordinary user, as the Containerfile says (rootless podman does)."
    )


def _accelerator() -> Probe:
    """Whether trainings can run on a GPU: a worker like those of students computes there, or says why it cannot."""
    try:
        card = nodes()
        nursery, gpu = finish_on_gpu(begin_on_gpu(card), card, trusted=False)
    except GraderError as fault:
        return Probe("GPU", False, f"{fault}; trainings run on {os.cpu_count()} CPU cores", "None needed.")
    nursery.close()
    return Probe("GPU", True, f"a worker computed on {gpu.name}, {gpu.memory} MiB of it are free")
