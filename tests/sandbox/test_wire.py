"""The wire: what may cross arrives as it was sent, what may not is refused before a byte is copied."""

from __future__ import annotations

import os
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.errors import WireError
from grader.sandbox import wire
from grader.sandbox.wire import Channel, Marked, pack
from tests.frames import alike, there_and_back

MIB = 1 << 20


@pytest.mark.parametrize("code", sorted(wire.DTYPES))
def test_every_dtype_makes_the_round_trip(code: str) -> None:
    """Arrays of every allowed dtype keep dtype, shape and bytes, and may be written into."""
    values = np.arange(12).reshape(3, 4).astype(code)

    (found,) = there_and_back([values])

    assert alike(found, values)
    found[0, 0] = 1


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.none() | st.booleans() | st.integers(-(1 << 4095), 1 << 4095) | st.floats() | st.complex_numbers()
leaves = numbers | texts | st.binary(max_size=20) | st.just(...)
dtypes = st.sampled_from(sorted(wire.DTYPES))
arrays = dtypes.flatmap(
    lambda code: npst.arrays(code, npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
)
keys = texts | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False) | st.booleans()
values = st.recursive(
    leaves | arrays,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
        | st.builds(Marked, texts, inner)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(values)
def test_every_allowed_value_makes_the_round_trip(value: Any) -> None:
    """What may cross arrives as it was sent: types, order, bits and all."""
    assert alike(there_and_back(value), value)


def test_large_arrays_travel_as_memory_files(ends: tuple[Channel, Channel]) -> None:
    """An array over 1 MiB needs no reader to be sent, arrives whole, and the sender's copy stays the sender's."""
    here, there = ends
    sent = np.arange(MIB, dtype=np.float64)
    here.send({"a": sent, "b": [sent[:3]]})

    found = there.receive()
    found["a"][0] = 7.0

    assert alike(found["a"][1:], sent[1:])
    assert sent[0] == 0.0


def test_more_large_arrays_than_descriptors_cross() -> None:
    """The kernel passes 253 descriptors at once; the arrays beyond them travel inside the frame."""
    block = np.zeros(wire.INLINE_LIMIT + 1, np.uint8)
    found = there_and_back([block] * (wire.DESCRIPTOR_LIMIT + 2))

    assert [array.nbytes for array in found] == [block.nbytes] * (wire.DESCRIPTOR_LIMIT + 2)


def test_without_memory_files_everything_travels_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the platform has no memory files, large arrays cross all the same."""
    monkeypatch.setattr(wire, "MEMORY_FILES", False)
    sent = np.arange(MIB, dtype=np.int32)

    assert alike(there_and_back(sent), sent)


def test_who_passes_no_files_sends_everything_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker may pass no descriptors: its large arrays cross all the same."""
    monkeypatch.setattr(wire, "memory_file", None)
    sent = np.arange(MIB, dtype=np.int32)

    assert alike(there_and_back(sent, passes_files=False), sent)


def test_a_file_limit_sends_arrays_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose files may not be that long still gets its array across."""

    def too_long(_: Any) -> int:
        raise OSError("File too large")

    monkeypatch.setattr(wire, "memory_file", too_long)
    sent = np.arange(MIB, dtype=np.int32)

    assert alike(there_and_back(sent), sent)


def test_descriptors_travel_with_a_value(ends: tuple[Channel, Channel]) -> None:
    """A descriptor that is asked for arrives beside arrays of its own frame, and leads where it led."""
    here, there = ends
    reading, writing = os.pipe()
    here.send({"array": np.zeros(MIB, np.uint16)}, (writing,))
    os.close(writing)

    value, (passed,) = there.receive_with_descriptors()
    os.write(passed, b"hello")
    os.close(passed)

    assert value["array"].nbytes == 2 * MIB
    assert os.read(reading, 10) == b"hello"
    os.close(reading)


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


REFUSED = {
    "more than 200000 values": lambda: [0] * wire.NODE_LIMIT,
    "nested more than 64 deep": lambda: nested(wire.DEPTH_LIMIT + 2),
    "a whole number of more than 4096 bits": lambda: 1 << 4096,
    "a key of more than 64 bits": lambda: {1 << 63: 0},
    "a key of type NoneType": lambda: {None: 0},
    "a value of type set": lambda: {1},
    "a value of type float32": lambda: np.float32(1),
    "an array of dtype object": lambda: np.array([{}]),
    "more than 1 GiB": lambda: np.broadcast_to(np.zeros(1), (1 << 27, 17)),
    "more than 20000 arrays": lambda: [np.zeros(0)] * (wire.TAIL_LIMIT + 1),
    "more than 32 axes": lambda: np.zeros((1,) * 33),
    "half a surrogate pair": lambda: {"\udcff": 0},
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_may_not_cross_is_refused_when_packed(sentence: str) -> None:
    """One sentence says why, and nothing was copied: 17 GiB of 8 bytes are refused by their shape."""
    value = REFUSED[sentence]()
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=sentence):
            pack(value)
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
    finally:
        tracemalloc.stop()


def test_the_size_limit_is_of_all_arrays_together() -> None:
    """Two arrays of 0.6 GiB are more than one call may carry."""
    wide = np.broadcast_to(np.zeros(1, np.uint8), (600 * MIB,))
    packing = wire._Packing(size=600 * MIB)

    with pytest.raises(WireError, match="more than 1 GiB"):
        wire._array(wide, packing)


def test_a_head_over_one_mebibyte_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Text beyond the head's limit is refused by its sender, before a byte is written."""
    here, there = ends
    with pytest.raises(WireError, match="more than 1 MiB"):
        here.send("x" * (MIB + 1))

    here.send("still in step")
    assert there.receive() == "still in step"


def test_receiving_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """Who sends half a frame and waits is not waited for."""
    here, there = ends
    here.sock.sendall(b"\0\0")

    with pytest.raises(TimeoutError):
        there.receive(deadline=0.0)
    with pytest.raises(TimeoutError):
        there.receive(deadline=_soon())


def test_sending_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """Who does not read is not waited for either."""
    here, _ = ends

    with pytest.raises(TimeoutError):
        here.send([np.zeros(MIB, np.uint8)] * 8, deadline=_soon())


def _soon() -> float:

    return time.monotonic() + 0.2


def test_the_end_is_an_end(ends: tuple[Channel, Channel]) -> None:
    """A closed connection is EOFError, between frames and within one."""
    here, there = ends
    here.sock.sendall(b"\0\0\0")
    here.close()

    with pytest.raises(EOFError):
        there.receive()
