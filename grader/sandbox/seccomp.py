"""The system-call filter of every worker: a short list of what no homework needs, refused in the kernel."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from grader.errors import IsolationError
from grader.sandbox import kernel

# name: (x86_64, aarch64); None where the machine has no such call
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory and descriptors
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # the shape of the sandbox
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the network: the namespace is empty, and abstract and datagram sockets are not to be made at all
    "socket": (41, 198),
    "bind": (49, 200),  # a pair takes a name too, which others then cannot have
    "listen": (50, 201),
    "connect": (42, 203),
    # System V IPC outlives a process
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # a note for later workers, on the memory file of a data set that all of them get, or on a device
    "fchmod": (91, 52),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "futimesat": (261, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    # what is counted a user and not a worker: eaten up, the instructor's editor or data base gets none
    "io_setup": (206, 0),
    "sendmsg": (46, 211),  # descriptors in flight: then others cannot pass any
    "sendmmsg": (307, 269),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "epoll_create": (213, None),
    "epoll_create1": (291, 20),
    "setsid": (112, 157),  # a session may get a share of the processor
    # the kernel's large attack surfaces
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    # the machine
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "sync": (162, 81),  # all that anybody has written goes to the disk at once, again and again
    "syncfs": (306, 267),
}
# Without namespaces other processes, files and queues of the same user are in reach, past what Landlock rules on.
# Nothing would end a worker's children with it, so it gets none there; it may signal and tune itself alone.
WITHOUT_NAMESPACES: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "setpgid": (109, 154),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    # other processes' share of the machine
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # System V IPC and message queues that others have made
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "semctl": (66, 191),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_unlink": (241, 181),
}
# Landlock rules on what a file holds, not on who may open it and when it was written; and in a /proc, which a GPU's
# driver needs, memory files have names. Elsewhere what has a name is a worker's own or read-only: `shutil.copy` works.
BY_NAME: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "utime": (132, None),
    "utimes": (235, None),
    "utimensat": (280, 88),
}
# Where no control group counts a worker's memory, RLIMIT_DATA does: a process at a time, and private memory alone.
UNCOUNTED: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "memfd_create": (319, 279),
}
MMAP = (9, 222)
SHARED_BY_NOBODY, GROWS_DOWN = 0x21, 0x100  # MAP_SHARED with MAP_ANONYMOUS; a stack of one's own: no data to the kernel
SIGNALS = {"kill": (62, 129), "tgkill": (234, 131)}  # the first argument must be the worker itself
TUNES = {  # the first argument must be 0 or the worker itself: a lowered limit kills like a signal
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
SOCKETPAIR, SOCK_STREAM, SOCK_KIND = (53, 199), 1, 0xF  # one of datagrams sends to any name, as a socket would
# What a GPU's driver does as it starts, in a network of the worker's own: it asks for MPS, and takes a name. Closed
# source may wait by epoll too: nobody has tried each driver without.
DRIVER_CALLS = ("socket", "bind", "listen", "connect", "epoll_create", "epoll_create1")
AF_UNIX, SOCK_SEQPACKET = 1, 5  # of its sockets
FCNTL, SENDS_SIGNALS = (72, 25), (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal of choice to anybody
# F_SETLEASE and F_NOTIFY watch what others open; F_SET_RW_HINT (also the older one) writes to a shared file's inode.
NOTES_OF_FCNTL = (1024, 1026, 1036, 1038)
PRCTL = (157, 167)  # with PR_SET_PDEATHSIG: nobody outlives the nursery
# Every file system has ioctls of its own, some of which write to a file that is open for reading, or to its inode. So
# there are those that C and Python use: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, FS_IOC_GETFLAGS.
IOCTL, ASKS = (16, 29), (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x80086601)
# A GPU's driver has very many. Beside it all is mounted read-only but the file of a data set, which knows these:
NOTES_OF_IOCTL = (0x40086602, 0x401C5820)  # FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR
AT_EMPTY_PATH = 0x1000
CLONE, CLONE3 = (56, 220), (435, 435)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH
X32_BIT = 0x40000000  # x86_64's second table of calls, with numbers of its own

CLONE_THREAD = 0x00010000
NEW_NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWCGROUP
)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 24, 40  # offsets in struct seccomp_data

_Step = tuple[int, int, int, int]
_PASS: _Step = (_RETURN, 0, 0, _ALLOW)
_REFUSE: _Step = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
_END: _Step = (_RETURN, 0, 0, _KILL)


def program(machine: str, pid: int | None, *, counted: bool = True, for_gpu: bool = False) -> bytes:
    """The BPF program. `pid`: the worker's own, where it may have no children nor signal others; else None.

    Unless its memory is `counted` by a control group, it gets no children and no memory that RLIMIT_DATA misses.
    `for_gpu`: it may make the sockets of a driver, and no others.
    """
    if machine not in MACHINES:
        raise IsolationError(f"No system-call filter is written for {machine}; x86_64 and aarch64 have one.")
    column, arch = MACHINES[machine]
    refused = REFUSED | ({} if pid is None else WITHOUT_NAMESPACES) | ({} if counted else UNCOUNTED)
    refused |= BY_NAME if pid is not None or for_gpu else {}
    steps: list[_Step] = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), _END, (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, X32_BIT), _END]
    for name, numbers in refused.items():
        if not (for_gpu and name in DRIVER_CALLS):
            steps += _on(numbers[column], _REFUSE)
    steps += _on(CLONE3[column], (_RETURN, 0, 0, _ERRNO | errno.ENOSYS))  # libc falls back to clone
    steps += _unix_alone(SOCKETPAIR[column], SOCK_STREAM)
    if for_gpu:
        steps += _unix_alone(REFUSED["socket"][column], SOCK_SEQPACKET)
    steps += _no_times_by_descriptor(BY_NAME["utimensat"][column])
    if not counted:
        steps += _no_uncounted_memory(MMAP[column])
    steps += _clone(CLONE[column], children=pid is None and counted)
    steps += _never(FCNTL[column], _SECOND_ARGUMENT, NOTES_OF_FCNTL + (() if pid is None else SENDS_SIGNALS))
    if for_gpu:
        steps += _never(IOCTL[column], _SECOND_ARGUMENT, NOTES_OF_IOCTL)
    else:
        steps += _only(IOCTL[column], _SECOND_ARGUMENT, ASKS)
    if pid is not None:
        for signals in SIGNALS.values():
            steps += _only(signals[column], _FIRST_ARGUMENT, (pid,))
        for tunes in TUNES.values():
            steps += _only(tunes[column], _FIRST_ARGUMENT, (0, pid))
        steps += _never(PRCTL[column], _FIRST_ARGUMENT, (kernel.PR_SET_PDEATHSIG,))
    steps.append(_PASS)
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _on(number: int | None, *block: _Step) -> list[_Step]:
    """These steps for the call `number` alone; none where the machine has no such call."""
    return [] if number is None else [(_EQUAL, 0, len(block), number), *block]


def _only(number: int | None, argument: int, allowed: tuple[int, ...], mask: int = 0xFFFFFFFF) -> list[_Step]:
    """The call `number` with one of these values in the masked argument goes through, with any other it is refused."""
    return _choice(number, argument, allowed, mask, _REFUSE, _PASS)


def _never(number: int, argument: int, refused: tuple[int, ...]) -> list[_Step]:
    """The call `number` with one of these values in its argument is refused, with any other it goes through."""
    return _choice(number, argument, refused, 0xFFFFFFFF, _PASS, _REFUSE)


def _choice(
    number: int | None, argument: int, values: tuple[int, ...], mask: int, otherwise: _Step, for_these: _Step
) -> list[_Step]:
    tests: list[_Step] = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return _on(number, (_LOAD, 0, 0, argument), (_AND, 0, 0, mask), *tests, otherwise, for_these)


def _unix_alone(number: int | None, kind: int) -> list[_Step]:
    """The call `number` makes sockets of AF_UNIX and this kind, and no others: TIPC makes pairs too."""
    family: list[_Step] = [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 1, 0, AF_UNIX), _REFUSE]
    return [*_on(number, *family, (_LOAD, 0, 0, _NUMBER)), *_only(number, _SECOND_ARGUMENT, (kind,), SOCK_KIND)]


def _no_times_by_descriptor(number: int | None) -> list[_Step]:
    """`utimensat` sets times of a path, and none of an open file: one without a path, or with an empty one."""
    without_path: list[_Step] = [(_LOAD, 0, 0, _SECOND_ARGUMENT), (_EQUAL, 2, 0, 0)]
    return _on(number, *without_path, (_LOAD, 0, 0, _FOURTH_ARGUMENT), (_ANY_BIT, 0, 1, AT_EMPTY_PATH), _REFUSE, _PASS)


def _no_uncounted_memory(number: int) -> list[_Step]:
    """`mmap` gives neither a stack that grows nor memory that is shared by nobody."""
    grows: list[_Step] = [(_LOAD, 0, 0, _FOURTH_ARGUMENT), (_ANY_BIT, 0, 1, GROWS_DOWN), _REFUSE]
    return _on(number, *grows, (_AND, 0, 0, SHARED_BY_NOBODY), (_EQUAL, 0, 1, SHARED_BY_NOBODY), _REFUSE, _PASS)


def _clone(number: int, *, children: bool) -> list[_Step]:
    """`clone` starts threads and, where there may be `children`, processes without namespaces of their own."""
    test: _Step = (_ANY_BIT, 0, 1, NEW_NAMESPACES) if children else (_ANY_BIT, 1, 0, CLONE_THREAD)
    return _on(number, (_LOAD, 0, 0, _FIRST_ARGUMENT), test, _REFUSE, _PASS)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(*, alone: bool, counted: bool = True, for_gpu: bool = False) -> None:
    """Filter this process and its children for good. `alone`: where no namespaces are; the rest as in `program`."""
    code = program(platform.machine(), os.getpid() if alone else None, counted=counted, for_gpu=for_gpu)
    buffer = ctypes.create_string_buffer(code, len(code))
    prog = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, ctypes.byref(prog))  # SECCOMP_MODE_FILTER
