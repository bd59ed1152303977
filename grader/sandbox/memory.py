"""Sealed memory files: how large arrays go from process to process, mapped and not copied.

The receiver's mapping is private and writable, so it may do with its rows what it likes. A data set is written to such
a file once, and every process that gets it maps the same pages until it writes to one.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import socket
import struct
from typing import Any

import numpy as np

from grader.errors import WireError

INLINE_LIMIT = 1 << 20  # bytes: above it a memory file is cheaper than the socket (16 MiB took 104 ms inline)
SET_FLAGS, NO_TIME_OF_ACCESS = 0x40086602, 0x80  # FS_IOC_SETFLAGS, FS_NOATIME_FL: Python names neither
MEMORY_FILES = hasattr(os, "memfd_create") and hasattr(socket, "SCM_RIGHTS")
if MEMORY_FILES:
    import fcntl

    SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

_kept: dict[int, tuple[int, np.ndarray[Any, Any]]] = {}  # address of an array -> its memory file, and the array


def keep(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same array, read-only, in a memory file of its own, which every later `send` passes on without a copy.

    For data sets: written once, mapped by every process that gets them. What cannot be kept so is returned as it is.
    """
    if not MEMORY_FILES or value.nbytes <= INLINE_LIMIT:
        return value
    try:
        descriptor = memory_file(np.ascontiguousarray(value))
        _forget_readers(descriptor)
        mapping = mmap.mmap(descriptor, value.nbytes, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    except OSError:  # longer than a file of this process may be
        return value
    kept = np.frombuffer(mapping, value.dtype).reshape(value.shape)
    _kept[_address(kept)] = descriptor, kept
    return kept


def kept_at(value: np.ndarray[Any, Any]) -> int | None:
    """The address of an array that was kept, if this is all of it: its bytes stay, and no other will lie there."""
    address = _address(value)
    _, kept = _kept.get(address, (-1, None))
    return address if kept is not None and kept.nbytes == value.nbytes and value.flags.c_contiguous else None


def _address(value: np.ndarray[Any, Any]) -> int:
    return int(value.__array_interface__["data"][0])


def memory_file(tail: np.ndarray[Any, Any]) -> int:
    """A descriptor of a sealed memory file with the array's bytes: of the one that was kept, where it was."""
    address = kept_at(tail)
    if address is not None:
        # Opened anew: whoever holds a copy of one open file can leave a note in its offset for whoever gets the next.
        return os.open(f"/proc/self/fd/{_kept[address][0]}", os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("array", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = tail.data.cast("B")
        while view:
            view = view[os.write(descriptor, view) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _forget_readers(descriptor: int) -> None:
    """Keep no time of the last access, in which a reader could leave a note: ioctl_iflags(2), for memory since 6.0."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, SET_FLAGS, struct.pack("l", NO_TIME_OF_ACCESS))


def mapped(descriptor: int, size: int) -> Any:
    """A private, writable mapping of a sealed memory file: unsealed, its sender could change or shrink it under us."""
    try:
        sealed = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & SEALS == SEALS
    except OSError:
        sealed = False
    if not sealed or size == 0 or os.fstat(descriptor).st_size != size:
        raise WireError("a memory file that is not sealed or has another size than it says")
    try:
        return mmap.mmap(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    except OSError as fault:  # of huge pages that nobody has, or more than we may hold
        raise WireError("a memory file that cannot be mapped") from fault
