"""The filter's program, run step by step as the kernel would run it: also for the machine that we are not on."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from grader.errors import IsolationError
from grader.sandbox import kernel, seccomp

ALLOWED, KILLED = "allowed", "killed"
PID = 4711
HEADERS = {  # where Linux tells its numbers
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
CALLS = {
    **seccomp.REFUSED,
    **seccomp.WITHOUT_NAMESPACES,
    **seccomp.BY_NAME,
    **seccomp.UNCOUNTED,
    **seccomp.SIGNALS,
    **seccomp.TUNES,
    "mmap": seccomp.MMAP,
    "clone": seccomp.CLONE,
    "clone3": seccomp.CLONE3,
    "socketpair": seccomp.SOCKETPAIR,
    "fcntl": seccomp.FCNTL,
    "ioctl": seccomp.IOCTL,
    "prctl": seccomp.PRCTL,
}
machines = pytest.mark.parametrize("machine", list(seccomp.MACHINES))
levels = pytest.mark.parametrize("pid", [None, PID], ids=["namespaces", "none"])


def verdict(
    machine: str, number: int, *arguments: int, pid: int | None, arch: int | None = None, **how: bool
) -> str | int:
    """What the filter that is made in this way answers to one call: allowed, killed, or the caller's errno."""
    arch = seccomp.MACHINES[machine][1] if arch is None else arch
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("<HBBI", seccomp.program(machine, pid, **how)))
    accumulator = place = 0
    while True:
        code, yes, no, value = steps[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x06:
            action = value & 0xFFFF0000
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED, 0x00050000: value & 0xFFFF}[action]
        else:
            test = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value != 0}[code]
            place += yes if test else no


def number(machine: str, name: str) -> int:
    found = CALLS[name][seccomp.MACHINES[machine][0]]
    assert found is not None
    return found


@machines
def test_the_numbers_are_those_of_linux(machine: str) -> None:
    """Every call on the list has the number that the kernel's own header gives it."""
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    told = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    newest = max(map(int, told.values()))
    ours = {name: numbers[seccomp.MACHINES[machine][0]] for name, numbers in CALLS.items()}

    known = {name: found for name, found in ours.items() if found is None or found <= newest}

    assert {name: int(told[name]) if name in told else None for name in known} == known


@machines
@levels
def test_the_list_is_refused(machine: str, pid: int | None) -> None:
    """Each call on the list gets EPERM, whatever its arguments."""
    column = seccomp.MACHINES[machine][0]
    listed = seccomp.REFUSED | ({} if pid is None else seccomp.WITHOUT_NAMESPACES | seccomp.BY_NAME)

    for name, numbers in listed.items():
        if numbers[column] is not None:
            assert verdict(machine, numbers[column], pid or 0, pid=pid) == errno.EPERM, name


@machines
@levels
def test_ordinary_calls_go_through(machine: str, pid: int | None) -> None:
    """Reading, writing, mapping memory and waiting are what homework is made of."""
    for call in {"x86_64": (0, 1, 9, 202, 257), "aarch64": (63, 64, 222, 98, 56)}[machine]:
        assert verdict(machine, call, pid=pid) == ALLOWED


@machines
def test_calls_of_another_table_kill(machine: str) -> None:
    """32-bit calls, those of another machine and of x32 have other numbers: whoever makes one ends."""
    assert verdict(machine, 0, pid=None, arch=0x40000003) == KILLED  # AUDIT_ARCH_I386
    if machine == "x86_64":
        assert verdict(machine, seccomp.X32_BIT | 41, pid=None) == KILLED
        assert verdict(machine, -1, pid=None) == KILLED


@machines
def test_processes_come_without_namespaces(machine: str) -> None:
    """With namespaces a worker may fork and start threads, but no child gets a namespace of its own."""
    clone = number(machine, "clone")

    assert verdict(machine, clone, 17, pid=None) == ALLOWED  # SIGCHLD: a fork
    assert verdict(machine, clone, seccomp.CLONE_THREAD | 0x100, pid=None) == ALLOWED
    for flag in (kernel.CLONE_NEWUSER, kernel.CLONE_NEWNS, kernel.CLONE_NEWPID, kernel.CLONE_NEWNET):
        assert verdict(machine, clone, flag | 17, pid=None) == errno.EPERM
    assert verdict(machine, number(machine, "clone3"), pid=None) == errno.ENOSYS


@machines
def test_without_namespaces_there_are_threads_alone(machine: str) -> None:
    """Nothing would end a child with its worker there, so there are none."""
    clone = number(machine, "clone")

    assert verdict(machine, clone, 17, pid=PID) == errno.EPERM
    assert verdict(machine, clone, seccomp.CLONE_THREAD | 0x100, pid=PID) == ALLOWED


@machines
def test_without_namespaces_a_worker_signals_and_tunes_itself_alone(machine: str) -> None:
    """Its own number is allowed, everybody else's is not, nor that of its group or of everybody."""
    for name in seccomp.SIGNALS:
        for other in (0, 1, PID + 1, 0xFFFFFFFF):
            assert verdict(machine, number(machine, name), other, pid=PID) == errno.EPERM, name
        assert verdict(machine, number(machine, name), PID, pid=PID) == ALLOWED
    for name in seccomp.TUNES:
        assert verdict(machine, number(machine, name), PID + 1, pid=PID) == errno.EPERM, name
        for own in (0, PID):
            assert verdict(machine, number(machine, name), own, pid=PID) == ALLOWED, name


@machines
def test_without_namespaces_no_descriptor_sends_signals(machine: str) -> None:
    """F_SETOWN and its like would send any signal to any process; nor is the nursery's own signal taken back."""
    for command in seccomp.SENDS_SIGNALS:
        assert verdict(machine, number(machine, "fcntl"), 3, command, pid=PID) == errno.EPERM
    for command in (0x8901, 0x8902):  # FIOSETOWN, SIOCSPGRP
        assert verdict(machine, number(machine, "ioctl"), 3, command, pid=PID) == errno.EPERM
    assert verdict(machine, number(machine, "prctl"), kernel.PR_SET_PDEATHSIG, 0, pid=PID) == errno.EPERM
    assert verdict(machine, number(machine, "fcntl"), 3, 4, pid=PID) == ALLOWED  # F_SETFL
    assert verdict(machine, number(machine, "prctl"), 15, 0, pid=PID) == ALLOWED  # PR_SET_NAME


@machines
@levels
def test_no_descriptor_bears_a_note(machine: str, pid: int | None) -> None:
    """Leases, watches, hints and flags change or tell of a file that others have open too."""
    for command in seccomp.NOTES_OF_FCNTL:
        assert verdict(machine, number(machine, "fcntl"), 3, command, pid=pid) == errno.EPERM
    for command in (*seccomp.NOTES_OF_IOCTL, 0x40087602):  # FS_IOC_SETVERSION, which ext4 takes from the owner
        assert verdict(machine, number(machine, "ioctl"), 3, command, pid=pid) == errno.EPERM
    for command in seccomp.NOTES_OF_IOCTL:
        assert verdict(machine, number(machine, "ioctl"), 3, command, pid=None, for_gpu=True) == errno.EPERM
    assert verdict(machine, number(machine, "fcntl"), 3, 4, pid=pid) == ALLOWED  # F_SETFL
    for command in seccomp.ASKS:
        assert verdict(machine, number(machine, "ioctl"), 1, command, pid=pid) == ALLOWED
    assert verdict(machine, number(machine, "ioctl"), 3, 0xC020462A, pid=None, for_gpu=True) == ALLOWED  # NVIDIA's


@machines
def test_a_worker_s_own_files_are_changed_by_their_names(machine: str) -> None:
    """`shutil.copy2` works among namespaces, where a name is of its own files; by a descriptor it might be any."""
    times, here, name, empty = number(machine, "utimensat"), 0xFFFFFF9C, 0x7F0012345678, 0x1000  # AT_EMPTY_PATH

    assert verdict(machine, times, here, name, 0, 0, pid=None) == ALLOWED
    assert verdict(machine, times, here, name, 0, 0x100, pid=None) == ALLOWED  # AT_SYMLINK_NOFOLLOW
    assert verdict(machine, times, 3, 0, 0, 0, pid=None) == errno.EPERM
    assert verdict(machine, times, 3, name, 0, empty, pid=None) == errno.EPERM
    for call in filter(None, (numbers[seccomp.MACHINES[machine][0]] for numbers in seccomp.BY_NAME.values())):
        assert verdict(machine, call, here, name, pid=None) == ALLOWED
        assert verdict(machine, call, here, name, pid=None, for_gpu=True) == errno.EPERM


@machines
@levels
def test_pairs_of_sockets_are_streams(machine: str, pid: int | None) -> None:
    """A pair of datagram sockets could send to any name that there is, as a socket could; TIPC is a part of its own."""
    pair, close_on_exec = number(machine, "socketpair"), 0o2000000

    for kind in (1, 1 | close_on_exec):
        assert verdict(machine, pair, 1, kind, pid=pid) == ALLOWED
    for kind in (2, 5, 2 | close_on_exec):
        assert verdict(machine, pair, 1, kind, pid=pid) == errno.EPERM
    for family in (0, 2, 30, 43):
        assert verdict(machine, pair, family, 1, pid=pid) == errno.EPERM


@machines
def test_beside_a_gpu_there_are_the_sockets_of_its_driver(machine: str) -> None:
    """AF_UNIX with SOCK_SEQPACKET (close on exec or not), to be named and connected; SCTP over IP has that kind too."""
    ask = [number(machine, name) for name in ("socket", "bind", "listen", "connect")]

    for kind in (5, 5 | 0o2000000):
        assert verdict(machine, ask[0], 1, kind, 0, pid=None, for_gpu=True) == ALLOWED
    for family, kind in ((1, 1), (1, 2), (2, 5), (10, 5), (16, 3), (17, 3), (40, 5)):
        assert verdict(machine, ask[0], family, kind, 0, pid=None, for_gpu=True) == errno.EPERM
    for call in ask[1:]:
        assert verdict(machine, call, 3, pid=None, for_gpu=True) == ALLOWED
    for call in ask:
        assert verdict(machine, call, 1, 5, 0, pid=None) == errno.EPERM
    refused = {number(machine, name) for name in ("sendmsg", "mount", "bpf", "ptrace", "setns")}
    assert {verdict(machine, call, pid=None, for_gpu=True) for call in refused} == {errno.EPERM}


@machines
@levels
def test_memory_that_nobody_counts_is_refused(machine: str, pid: int | None) -> None:
    """Without a control group: no children, no memory files, no shared memory of nobody, no stacks of one's own."""
    mmap, clone = number(machine, "mmap"), number(machine, "clone")
    private, stack = 0x22, 0x20022  # MAP_PRIVATE | MAP_ANONYMOUS, and MAP_STACK: what malloc and threads ask for
    shared, checked, growing, of_a_file = 0x21, 0x23, 0x122, 0x1

    for flags in (shared, checked, growing, growing | shared):
        assert verdict(machine, mmap, 0, 1, 3, flags, pid=pid, counted=False) == errno.EPERM
        assert verdict(machine, mmap, 0, 1, 3, flags, pid=pid) == ALLOWED
    for flags in (private, stack, of_a_file, 0x2):
        assert verdict(machine, mmap, 0, 1, 3, flags, pid=pid, counted=False) == ALLOWED
    assert verdict(machine, number(machine, "memfd_create"), pid=pid, counted=False) == errno.EPERM
    assert verdict(machine, number(machine, "memfd_create"), pid=pid) == ALLOWED
    assert verdict(machine, clone, 17, pid=pid, counted=False) == errno.EPERM
    assert verdict(machine, clone, seccomp.CLONE_THREAD | 0x100, pid=pid, counted=False) == ALLOWED


def test_another_machine_has_no_filter() -> None:
    """Where no program is written, the level is refused by name."""
    with pytest.raises(IsolationError, match="riscv64"):
        seccomp.program("riscv64", None)


@machines
def test_the_program_is_one_that_the_kernel_takes(machine: str) -> None:
    """Whole instructions, fewer than 4096, each path ends in a verdict."""
    code = seccomp.program(machine, PID)

    assert len(code) % 8 == 0
    assert len(code) // 8 < 4096
    for call in range(480):
        assert verdict(machine, call, pid=PID) in (ALLOWED, KILLED, errno.EPERM, errno.ENOSYS)
