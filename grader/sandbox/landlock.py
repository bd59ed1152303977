"""Landlock: path rules that a process lays on itself, for machines that give no namespaces."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.sandbox import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READ = EXECUTE | READ_FILE | READ_DIR
OLDEST_ABI = 3  # before it, truncate() and O_TRUNC need no right at all
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # what a rule on a plain file may name
NETWORK_RIGHTS = 3  # bind and connect over TCP, ABI 4
SCOPES = 3  # abstract sockets and signals, ABI 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    try:
        return kernel.syscall(CREATE_RULESET, 0, 0, 1)
    except OSError:
        return 0


class Rules:
    """From `lay` on, a process reads and runs only what lies under `readable`, and writes only under `writable`."""

    def __init__(self, readable: Iterable[Path], writable: Iterable[Path]) -> None:
        version = abi()
        if version < OLDEST_ABI:
            raise OSError(f"Landlock of Linux 6.2 was asked, which keeps files whole; this one has ABI {version}")
        everything = (1 << (15 if version < 5 else 16)) - 1  # all rights on files; the sixteenth is for devices
        rules = _Ruleset(everything, NETWORK_RIGHTS if version >= 4 else 0, SCOPES if version >= 6 else 0)
        size = 8 if version < 4 else 16 if version < 6 else 24
        self._ruleset = kernel.syscall(CREATE_RULESET, ctypes.byref(rules), size, 0)
        for path in readable:
            self._allow(path, READ)
        for path in writable:
            self._allow(path, everything)

    def lay(self) -> None:
        """Bind the calling process and its children to the rules, for good."""
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.syscall(RESTRICT_SELF, self._ruleset, 0)
        os.close(self._ruleset)

    def _allow(self, path: Path, rights: int) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            if path.name == "null":
                rights |= WRITE_FILE
            if not path.is_dir():
                rights &= FILE_RIGHTS
            rule = _Beneath(rights, descriptor)
            kernel.syscall(ADD_RULE, self._ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(descriptor)
