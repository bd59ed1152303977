"""Whatever the other end sends becomes plain data, the end, or a wire error, in bounded memory."""

from __future__ import annotations

import array
import os
import socket
import struct
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.sandbox import memory, wire
from grader.sandbox.wire import Channel, Marked, unpack
from tests.frames import alike

MIB = 1 << 20

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.none() | st.booleans() | st.integers(-(1 << 4095), 1 << 4095) | st.floats() | st.complex_numbers()
dtypes = st.sampled_from(sorted(wire.DTYPES))


def frame(head: Any, tails: bytes = b"") -> bytes:
    raw = msgpack.packb(head)
    return struct.pack(">I", len(raw)) + raw + tails


FORGED = {
    "head over 1 MiB": struct.pack(">I", MIB + 1),
    "not msgpack": struct.pack(">I", 1) + b"\xc1",
    "not UTF-8": struct.pack(">I", 2) + b"\xa1\xff",
    "two values": struct.pack(">I", 2) + b"\xc0\xc0",
    "no head": frame(7),
    "short head": frame([1, []]),
    "descriptors that did not come": frame([1, [], 1]),
    "fewer than no descriptors": frame([1, [], -1]),
    "sizes that are none": frame([1, [3], 0]),
    "a negative size": frame([1, [[-1, False]], 0]),
    "a size over the limit": frame([1, [[wire.CALL_LIMIT, False], [1, False]], 0]),
    "an endless size": frame([1, [[1 << 63, False]], 0]),
    "a memory file that did not come": frame([1, [[8, True]], 0]),
    "too many tails": frame([1, [[0, False]] * (wire.TAIL_LIMIT + 1), 0]),
    "a bare list": frame([[], [], 0]),
    "a map": frame([{"a": 1}, [], 0]),
    "an extension": frame([msgpack.ExtType(5, b"x"), [], 0]),
    "a timestamp": frame([msgpack.Timestamp(1), [], 0]),
    "an unknown kind": frame([["z", 1], [], 0]),
    "a list of no list": frame([["l", 1], [], 0]),
    "a broken pair": frame([["d", [[1]]], [], 0]),
    "a key that is a list": frame([["d", [[["l", []], 1]]], [], 0]),
    "a key that is nothing": frame([["d", [[None, 1]]], [], 0]),
    "a number of too many bits": frame([["i", b"\x01" * 600], [], 0]),
    "a complex number of text": frame([["c", "1", 2.0], [], 0]),
    "an unknown dtype": frame([["a", "O8", [1], 0], [[8, False]], 0], bytes(8)),
    "a structured dtype": frame([["a", "i4,i4", [1], 0], [[8, False]], 0], bytes(8)),
    "an array without its tail": frame([["a", "f8", [1], 0], [], 0]),
    "a tail before the first": frame([["a", "f8", [1], -1], [[8, False]], 0], bytes(8)),
    "a tail used twice": frame([["l", [["a", "u1", [8], 0], ["a", "u1", [8], 0]]], [[8, False]], 0], bytes(8)),
    "a tail used twice as bytes": frame([["l", [["b", 0], ["b", 0]]], [[8, False]], 0], bytes(8)),
    "bytes without their tail": frame([["b", 0], [], 0]),
    "a shape larger than its tail": frame([["a", "f8", [2], 0], [[8, False]], 0], bytes(8)),
    "a shape of negative sides": frame([["a", "f8", [-1, -1], 0], [[8, False]], 0], bytes(8)),
    "a shape of fractions": frame([["a", "f8", [1.0], 0], [[8, False]], 0], bytes(8)),
    "a shape of truth": frame([["a", "f8", [True], 0], [[8, False]], 0], bytes(8)),
    "a shape of too many axes": frame([["a", "f8", [1] * 33, 0], [[8, False]], 0], bytes(8)),
    "no entries, endless axes": frame([["a", "f8", [0, *[1 << 30] * 5], 0], [[0, False]], 0]),
    "a mark without a name": frame([["m", 1, 2], [], 0]),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_frame_is_a_wire_error(ends: tuple[Channel, Channel], name: str) -> None:
    """No frame of another form becomes a value, and none takes more memory than a frame may."""
    here, there = ends
    here.sock.sendall(FORGED[name])
    here.close()
    tracemalloc.start()
    try:
        with pytest.raises((WireError, EOFError)) as refusal:
            there.receive()
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()

    assert refusal.type is WireError


def test_a_frame_nested_too_deep_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Nesting is bounded for the receiver too, below what Python's own recursion bears."""
    here, there = ends
    tree: Any = 1
    for _ in range(wire.DEPTH_LIMIT + 1):
        tree = ["l", [tree]]
    here.sock.sendall(frame([tree, [], 0]))

    with pytest.raises(WireError, match="too deep"):
        there.receive()


BOMBS = {
    "lists that claim what is not there": (b"\xdd" + struct.pack(">I", MIB - 10)) * 400,
    "lists within lists": b"\x91" * MIB,
    "a quarter of a million lists": b"\x93\x92\xa1l\xdd"
    + struct.pack(">I", 1 << 18)
    + b"\x92\xa1l\x90" * ((1 << 18) - 4),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_head_of_bombs_takes_bounded_memory(ends: tuple[Channel, Channel], name: str) -> None:
    """A head of 1 MiB costs at most some 200 bytes a byte: a prototype's 39 MB frame cost 5.4 GiB."""
    here, there = ends
    raw = BOMBS[name][:MIB].ljust(MIB, b"\xc0")
    tracemalloc.start()
    try:
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(here.sock.sendall, struct.pack(">I", MIB) + raw)
            with pytest.raises(WireError):
                there.receive()
            sending.result()
        assert tracemalloc.get_traced_memory()[1] < 200 * MIB
    finally:
        tracemalloc.stop()


@pytest.fixture
def sealed() -> Iterator[int]:
    """A memory file of 8 bytes, sealed as the wire seals its own."""
    descriptor = memory.memory_file(np.zeros(1))
    yield descriptor
    os.close(descriptor)


def pass_along(here: Channel, data: bytes, descriptors: list[int]) -> None:
    here.sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


EIGHT = [["a", "f8", [1], 0], [[8, True]], 0]


def test_a_memory_file_is_taken_if_it_is_sealed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """The frame that the next tests break is a good one."""
    here, there = ends
    pass_along(here, frame(EIGHT), [sealed])

    assert alike(there.receive(), np.zeros(1))


def test_an_unsealed_memory_file_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Its sender could cut it under our hands, and we would die of the next read."""
    here, there = ends
    with open(os.memfd_create("loose", os.MFD_ALLOW_SEALING), "w+b") as loose:
        loose.write(bytes(8))
        loose.flush()
        pass_along(here, frame(EIGHT), [loose.fileno()])

        with pytest.raises(WireError, match="not sealed"):
            there.receive()


def test_an_ordinary_file_is_no_memory_file(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    """A file on disk, or a pipe, is refused in its place."""
    here, there = ends
    (tmp_path / "file").write_bytes(bytes(8))
    with open(tmp_path / "file", "rb") as ordinary:
        pass_along(here, frame(EIGHT), [ordinary.fileno()])

        with pytest.raises(WireError, match="not sealed"):
            there.receive()


@pytest.mark.parametrize("claimed", [4, 16, 0])
def test_a_memory_file_of_another_size_is_refused(ends: tuple[Channel, Channel], sealed: int, claimed: int) -> None:
    """Its size is what the frame says, or nothing is mapped."""
    here, there = ends
    pass_along(here, frame([["a", "u1", [claimed], 0], [[claimed, True]], 0]), [sealed])

    with pytest.raises(WireError, match="another size"):
        there.receive()


def test_a_memory_file_of_huge_pages_is_no_way_out(ends: tuple[Channel, Channel]) -> None:
    """Pages that cannot be had are a forged frame like another, not a fault of the machine."""
    import fcntl

    here, there = ends
    size = 1 << 21  # one huge page
    try:
        huge = os.memfd_create("huge", os.MFD_ALLOW_SEALING | os.MFD_HUGETLB)
        os.ftruncate(huge, size)
    except OSError as fault:
        pytest.skip(f"this machine has no huge pages: {fault}")
    fcntl.fcntl(huge, fcntl.F_ADD_SEALS, memory.SEALS)
    pass_along(here, frame([["a", "u1", [size], 0], [[size, True]], 0]), [huge])
    os.close(huge)

    with pytest.raises(WireError):
        there.receive()


def test_stray_descriptors_are_refused_and_closed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """A descriptor that nobody asked for is a broken frame, and none stays open in the receiver."""
    here, there = ends
    before = os.listdir("/proc/self/fd")
    pass_along(here, frame([1, [], 0]), [sealed])
    with pytest.raises(WireError):
        there.receive()
    pass_along(here, frame([1, [], 1]), [sealed])
    with pytest.raises(WireError, match="nobody asked for"):
        there.receive()

    assert os.listdir("/proc/self/fd") == before


def test_a_descriptor_within_a_tail_is_refused(ends: tuple[Channel, Channel], sealed: int) -> None:
    """Descriptors come with the head or not at all."""
    here, there = ends
    here.sock.sendall(frame([["b", 0], [[8, False]], 0]))
    pass_along(here, bytes(8), [sealed])

    with pytest.raises(WireError, match="nobody asked for"):
        there.receive()


def test_a_flood_of_descriptors_is_refused_and_closed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """More descriptors than one frame may carry end the frame, and the receiver keeps none."""
    here, there = ends
    before = os.listdir("/proc/self/fd")
    head = frame([["b", 0], [[8, False]], 0])
    pass_along(here, head, [sealed] * 200)
    for _ in range(2):
        pass_along(here, bytes(4), [sealed] * 200)

    with pytest.raises(WireError):
        there.receive()
    assert os.listdir("/proc/self/fd") == before


def test_truth_has_one_form() -> None:
    """A byte of 2 is neither here nor there: an array of truth values holds zeros and ones alone."""
    found = unpack(["a", "b1", [3], 0], [bytearray(b"\x00\x01\x02")])

    assert found.tobytes() == b"\x00\x01\x01"


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_are_no_frame(data: bytes, framed: bool) -> None:
    """Whatever is written to the socket, the receiver gets plain data, the end, or a wire error."""
    outcome(struct.pack(">I", len(data)) + data if framed else data)


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | texts | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(st.sampled_from("ltdamibce"), inner).map(list)
        | st.tuples(st.sampled_from("amc"), inner, inner).map(list)
        | st.tuples(st.just("a"), dtypes, st.lists(st.integers(0, 3), max_size=3), st.integers(0, 2)).map(list)
        | st.dictionaries(texts, inner, max_size=2)
    ),
    max_leaves=12,
)
sizes = st.lists(st.tuples(st.integers(-1, 24), st.booleans()).map(list), max_size=3)


@settings(deadline=None, max_examples=300)
@given(trees, sizes | trees, st.integers(-1, 2) | trees, st.binary(max_size=64))
def test_arbitrary_trees_are_data_or_nothing(tree: Any, sizes: Any, passed: Any, tails: bytes) -> None:
    """Whatever stands in the head, the receiver gets plain data, the end, or a wire error."""
    outcome(frame([tree, sizes, passed], tails))


def outcome(data: bytes) -> None:
    """Receive `data`: plain values or one of the two errors."""
    here, there = map(Channel, socket.socketpair())
    try:
        here.sock.sendall(data)
        here.close()
        assert plain(there.receive())
    except (WireError, EOFError):
        pass
    finally:
        here.close()
        there.close()


def plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(plain, value))
    if type(value) is dict:
        return all(type(key) in (str, int, float, bool) and plain(item) for key, item in value.items())
    if type(value) is Marked:
        return type(value.tag) is str and plain(value.payload)
    if type(value) is np.ndarray:
        return f"{value.dtype.kind}{value.dtype.itemsize}" in wire.DTYPES
    return value is None or value is ... or type(value) in (bool, int, float, complex, str, bytes)
