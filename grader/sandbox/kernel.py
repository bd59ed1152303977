"""The few Linux calls that Python 3.11 does not offer, through ctypes, raising OSError like their neighbours in os."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
from functools import cache

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWCGROUP = 0x02000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 4, 24, 38, 22
LAST_CAPABILITY = 40  # CAP_CHECKPOINT_RESTORE of Linux 5.9; dropping one that a kernel does not know is ignored

PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """A raw system call; `arguments` are ints, bytes or ctypes references."""
    packed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *packed), f"system call {number}")


def unshare(flags: int) -> None:
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    _checked(_libc().setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    _checked(
        _libc().mount(
            source.encode(),
            target.encode(),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            data.encode() or None,
        ),
        f"mount on {target}",
    )


def unmount(target: str) -> None:
    _checked(_libc().umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    syscall(PIVOT_ROOT[platform.machine()], new.encode(), old.encode())


def prctl(option: int, *values: object) -> int:
    packed = [ctypes.c_ulong(v) if isinstance(v, int) else v for v in values]
    packed += [ctypes.c_ulong(0)] * (4 - len(packed))
    return _checked(_libc().prctl(ctypes.c_int(option), *packed), f"prctl {option}")


def read(path: str, folder: int | None = None) -> str:
    """What one of the kernel's own small files says; `path` may begin at an open folder."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)) as file:
        return file.read()


def write(text: str, path: str, folder: int | None = None) -> None:
    """Tell the kernel something in one piece, by such a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def bound_capabilities() -> None:
    """No program that this process becomes gets a capability again: must come before the user changes."""
    for capability in range(LAST_CAPABILITY + 1):
        with contextlib.suppress(OSError):  # already without CAP_SETPCAP, or unknown to this kernel
            prctl(PR_CAPBSET_DROP, capability)


def drop_capabilities() -> None:
    """Give up every capability: the effective, the permitted and the inheritable."""
    header = _CapabilityHeader(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
