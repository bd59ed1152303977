"""The wire: the only way anything crosses between the verifier and student code, as plain data in bounded frames.

A frame is a 4-byte big-endian length, a msgpack head of at most 1 MiB, and raw array bytes ("tails") after it. Tails
over 1 MiB travel as sealed memory files where the platform has them, and are mapped privately: the receiver may write
into its own copy. A worker may pass no descriptors, and sends its tails inside. Every size is checked before anything
is copied; what is decoded is built anew from base types.
"""

from __future__ import annotations

import array
import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgpack
import numpy as np

from grader.errors import WireError
from grader.sandbox.memory import INLINE_LIMIT, MEMORY_FILES, mapped, memory_file
from grader.sandbox.refused import NotSerializable

HEAD_LIMIT = 1 << 20  # bytes: room for 100,000 numbers in lists; more belongs into an array
CALL_LIMIT = 1 << 30  # bytes of arrays in one frame
DEPTH_LIMIT = 64  # nested containers
AXES_LIMIT = 32  # of an array, as in numpy before 2.0
NODE_LIMIT = 200_000  # values in one frame, containers included
TAIL_LIMIT = 20_000  # arrays in one frame
DESCRIPTOR_LIMIT = 250  # the kernel passes at most 253 at once
BYTES_INLINE = 1 << 12  # longer bytes travel as a tail: a figure's picture would fill the head
INT_BITS = 4096
DTYPES = frozenset(
    f"{kind}{size}"
    for kind, sizes in {"b": "1", "i": "1248", "u": "1248", "f": "248", "c": ("8", "16")}.items()
    for size in sizes
)


@dataclass(frozen=True)
class Marked:
    """A value with a meaning of its own (a network's description, a figure, a formula): `payload` is plain data."""

    tag: str
    payload: Any


def tree_map(function: Callable[[Any], Any], value: Any) -> Any:
    """The same lists, tuples and dicts with `function` of everything in them that is none of these."""
    if isinstance(value, list):
        return [tree_map(function, item) for item in value]
    if isinstance(value, tuple):
        return tuple(tree_map(function, item) for item in value)
    if isinstance(value, dict):
        return {key: tree_map(function, item) for key, item in value.items()}
    return function(value)


@dataclass
class _Packing:
    tails: list[np.ndarray[Any, Any]] = field(default_factory=list)
    size: int = 0
    nodes: int = 0


def pack(value: Any) -> tuple[Any, list[np.ndarray[Any, Any]]]:
    """`value` (base types, ndarrays, Marked) as a tree for msgpack and contiguous tails; NotSerializable: the rest."""
    packing = _Packing()
    return _node(value, packing, 0), packing.tails


def _node(value: Any, packing: _Packing, depth: int) -> Any:
    packing.nodes += 1
    if packing.nodes > NODE_LIMIT:
        raise NotSerializable("values", NODE_LIMIT)
    if depth > DEPTH_LIMIT:
        raise NotSerializable("nested", DEPTH_LIMIT)
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is str:
        return _text(value)
    if kind is bytes:
        return value if len(value) <= BYTES_INLINE else ["b", _tail(np.frombuffer(value, np.uint8), packing)]
    if kind is int:
        if -(1 << 63) <= value < 1 << 63:
            return value
        if value.bit_length() > INT_BITS:
            raise NotSerializable("whole", INT_BITS)
        return ["i", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)]
    if kind is complex:
        return ["c", value.real, value.imag]
    if value is Ellipsis:
        return ["e"]
    if kind is list or kind is tuple:
        return ["l" if kind is list else "t", [_node(item, packing, depth + 1) for item in value]]
    if kind is dict:
        return ["d", [[plain_key(key), _node(item, packing, depth + 1)] for key, item in value.items()]]
    if kind is np.ndarray:
        return _array(value, packing)
    if kind is Marked:
        return ["m", value.tag, _node(value.payload, packing, depth + 1)]
    raise NotSerializable("type", kind.__name__)


def plain_key(key: Any) -> Any:
    """A key that a dict may cross with."""
    if type(key) not in (str, int, float, bool):
        raise NotSerializable("key", type(key).__name__)
    if type(key) is int and not -(1 << 63) <= key < 1 << 63:
        raise NotSerializable("large_key", 64)
    return _text(key) if type(key) is str else key


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotSerializable("surrogate") from None
    return value


def _array(value: np.ndarray[Any, Any], packing: _Packing) -> Any:
    code = f"{value.dtype.kind}{value.dtype.itemsize}"
    if code not in DTYPES or value.dtype.fields is not None:
        raise NotSerializable("array", str(value.dtype))
    if value.ndim > AXES_LIMIT:
        raise NotSerializable("axes", AXES_LIMIT)
    return ["a", code, list(value.shape), _tail(value, packing)]


def _tail(value: np.ndarray[Any, Any], packing: _Packing) -> int:
    packing.size += value.nbytes  # of the shape, not of the memory: np.broadcast_to makes 17 GiB of 8 bytes
    if packing.size > CALL_LIMIT:
        raise NotSerializable("size", CALL_LIMIT >> 30)
    if len(packing.tails) >= TAIL_LIMIT:
        raise NotSerializable("arrays", TAIL_LIMIT)
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    packing.tails.append(little)
    return len(packing.tails) - 1


def unpack(tree: Any, tails: list[Any]) -> Any:
    """The value of a received tree, every part rebuilt as an exact base type. `tails`: writable buffers."""
    return _value(tree, tails, 0)


def _value(node: Any, tails: list[Any], depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise WireError("a frame nested too deep")
    if not isinstance(node, list):
        if node is None or isinstance(node, bool | int | float | str | bytes):
            return node
        raise WireError("a frame with an unknown value")
    match node:
        case ["l", list(items)]:
            return [_value(item, tails, depth + 1) for item in items]
        case ["t", list(items)]:
            return tuple(_value(item, tails, depth + 1) for item in items)
        case ["d", list(items)]:
            return dict(_pair(item, tails, depth) for item in items)
        case ["a", str(code), list(shape), int(index)]:
            return _ndarray(code, shape, index, tails)
        case ["m", str(tag), payload]:
            return Marked(tag, _value(payload, tails, depth + 1))
        case ["b", int(index)]:
            return bytes(_buffer(index, tails))
        case ["i", bytes(raw)] if len(raw) <= INT_BITS // 8 + 1:
            return int.from_bytes(raw, "big", signed=True)
        case ["c", float(real), float(imaginary)]:
            return complex(real, imaginary)
        case ["e"]:
            return Ellipsis
    raise WireError("a frame with an unknown value")


def _pair(item: Any, tails: list[Any], depth: int) -> tuple[Any, Any]:
    match item:
        case [str() | int() | float() | bool() as key, value]:
            return key, _value(value, tails, depth + 1)
    raise WireError("a frame with a broken dict")


def _ndarray(code: str, shape: list[Any], index: int, tails: list[Any]) -> np.ndarray[Any, Any]:
    if code not in DTYPES or len(shape) > AXES_LIMIT:
        raise WireError("a frame with a broken array")
    count = 1
    for side in shape:
        if type(side) is not int or not 0 <= side <= CALL_LIMIT:
            raise WireError("a frame with a broken shape")
        count *= side
    dtype = np.dtype(f"<{code}")
    buffer = _buffer(index, tails)
    if count * dtype.itemsize != len(buffer):
        raise WireError("a frame whose array has another size than it says")
    flat = np.frombuffer(buffer, dtype)
    if code == "b1":
        flat = flat.view(np.uint8) != 0  # a byte of 2 is True to numpy, and yet unequal to True in places
    try:
        return flat.reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    except ValueError as fault:  # no entries, and axes too long for numpy
        raise WireError("a frame with a broken shape") from fault


def _buffer(index: int, tails: list[Any]) -> Any:
    if not 0 <= index < len(tails) or tails[index] is None:
        raise WireError("a frame with a broken array")
    buffer, tails[index] = tails[index], None  # each tail once, or one answer could share memory with another
    return buffer


class Channel:
    """One end of a connection. `send` and `receive` move whole frames; a broken frame closes the channel."""

    def __init__(self, sock: socket.socket, *, passes_files: bool = True) -> None:
        self.sock = sock
        self.passes_files = passes_files

    def fileno(self) -> int:
        return self.sock.fileno()

    def close(self) -> None:
        self.sock.close()

    def send(self, value: Any, descriptors: tuple[int, ...] = (), deadline: float | None = None) -> None:
        """Send one value; NotSerializable: it may not cross; OSError: nobody listens; TimeoutError at the deadline."""
        tree, tails = pack(value)
        files: list[int] = []
        try:
            sizes: list[tuple[int, bool]] = []
            room = DESCRIPTOR_LIMIT if MEMORY_FILES and self.passes_files else 0
            for tail in tails:
                filed = tail.nbytes > INLINE_LIMIT and len(files) < room
                if filed:
                    try:
                        files.append(memory_file(tail))
                    except OSError:  # longer than a file of this process may be
                        filed = False
                sizes.append((tail.nbytes, filed))
            head = msgpack.packb([tree, sizes, len(descriptors)], use_bin_type=True)
            if len(head) > HEAD_LIMIT:
                raise NotSerializable("text", HEAD_LIMIT >> 20)
            self._send_bytes(struct.pack(">I", len(head)) + head, [*descriptors, *files], deadline)
            for tail, (_, filed) in zip(tails, sizes, strict=True):
                if not filed and tail.nbytes:
                    self._send_bytes(tail.data.cast("B"), [], deadline)
        finally:
            for descriptor in files:
                os.close(descriptor)

    def _send_bytes(self, data: Any, descriptors: list[int], deadline: float | None) -> None:
        view = memoryview(data)
        while view:
            self.sock.settimeout(_left(deadline))
            if descriptors:
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
                view = view[self.sock.sendmsg([view], rights) :]
                descriptors = []
            else:
                view = view[self.sock.send(view) :]

    def receive(self, deadline: float | None = None) -> Any:
        """The next value. EOFError is the end, TimeoutError the deadline (monotonic seconds), WireError the rest."""
        value, descriptors = self.receive_with_descriptors(deadline)
        for descriptor in descriptors:
            os.close(descriptor)
        if descriptors:
            raise WireError("a frame with descriptors that nobody asked for")
        return value

    def receive_with_descriptors(self, deadline: float | None = None) -> tuple[Any, list[int]]:
        """The next value and the descriptors that its sender passed along (the caller closes them)."""
        received: list[int] = []
        own = 0  # of these, those that go to the caller
        try:
            (length,) = struct.unpack(">I", self._receive_bytes(4, received, deadline))
            if length > HEAD_LIMIT:
                raise WireError("a frame with a head over 1 MiB")
            head = _unpack_head(self._receive_bytes(length, received, deadline))
            match head:
                case [tree, list(sizes), int(passed)] if 0 <= passed <= len(received) and len(sizes) <= TAIL_LIMIT:
                    pass
                case _:
                    raise WireError("a frame without a proper head")
            files = received[passed:]
            value = unpack(tree, self._tails(sizes, files, received, deadline))
            if len(received) != passed + len(files):
                raise WireError("a frame with descriptors that nobody asked for")
            own = passed
            return value, received[:own]
        finally:
            for descriptor in received[own:]:
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    def _tails(self, sizes: list[Any], files: list[int], received: list[int], deadline: float | None) -> list[Any]:
        total = 0
        for entry in sizes:
            match entry:
                case [int(size), bool(filed)] if size >= 0 and (not filed or MEMORY_FILES):
                    total += size
                case _:
                    raise WireError("a frame with a broken size")
            if total > CALL_LIMIT:
                raise WireError(f"arrays of more than {CALL_LIMIT >> 30} GiB")
        if sum(filed for _, filed in sizes) != len(files):
            raise WireError("a frame whose memory files are not those it names")
        waiting = iter(files)
        return [
            mapped(next(waiting), size) if filed else self._receive_bytes(size, received, deadline)
            for size, filed in sizes
        ]

    def _receive_bytes(self, count: int, received: list[int], deadline: float | None) -> bytearray:
        buffer = bytearray(count)
        view = memoryview(buffer)
        while view:
            self.sock.settimeout(_left(deadline))
            if MEMORY_FILES:
                room = socket.CMSG_SPACE(4 * DESCRIPTOR_LIMIT)
                got, ancillary, flags, _ = self.sock.recvmsg_into([view], room, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
                for level, kind, data in ancillary:
                    if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                        received.extend(memoryview(data[: len(data) - len(data) % 4]).cast("i"))
                if flags & socket.MSG_CTRUNC or len(received) > DESCRIPTOR_LIMIT:
                    raise WireError("a frame with too many descriptors")
            else:
                got = self.sock.recv_into(view)
            if not got:
                raise EOFError
            view = view[got:]
        return buffer


def _unpack_head(raw: bytearray) -> Any:
    try:
        return msgpack.unpackb(raw, raw=False, strict_map_key=True, use_list=True)
    except (ValueError, TypeError, RecursionError, MemoryError, msgpack.exceptions.UnpackException) as fault:
        raise WireError("a frame whose head is not msgpack") from fault


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
