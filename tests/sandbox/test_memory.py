"""Memory files that are kept: one data set, many readers, no copy."""

from __future__ import annotations

import os

import numpy as np
import pytest

from grader.sandbox import memory
from grader.sandbox.memory import keep, kept_at, memory_file
from grader.sandbox.wire import Channel


def test_what_is_kept_is_the_same_and_cannot_be_written() -> None:
    """A check that changed its data set would change it for everybody after it."""
    rows = np.random.default_rng(0).integers(0, 256, (600, 3, 32, 32), dtype=np.uint8)
    kept = keep(rows)

    assert np.array_equal(kept, rows)
    assert kept is not rows
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 0


def test_every_send_passes_the_same_file_on(ends: tuple[Channel, Channel]) -> None:
    """Nothing is written a second time, and what one receiver writes nobody else sees."""
    here, there = ends
    kept = keep(np.arange(1 << 18, dtype=np.float64))
    files = [memory_file(kept) for _ in range(2)]
    same = {os.fstat(file).st_ino for file in files}
    for file in files:
        os.close(file)
    here.send(kept)
    first = there.receive()
    first[0] = 7.0
    here.send(kept)

    assert len(same) == 1
    assert there.receive()[0] == kept[0] == 0.0


def test_a_part_of_what_is_kept_is_sent_alone(ends: tuple[Channel, Channel]) -> None:
    """The first rows begin at the same address, and are fewer; turned ones are as many, in another order."""
    here, there = ends
    kept = keep(np.arange(1 << 19, dtype=np.float64).reshape(1 << 9, 1 << 10))
    for part in (kept[: 1 << 8], kept.T, kept[::2]):
        here.send(part)

        assert np.array_equal(there.receive(), part)


def test_all_of_what_is_kept_is_known_again() -> None:
    """Through any view of the same bytes in the same order; a part of it, turned, or a copy is another array."""
    kept = keep(np.arange(1 << 19, dtype=np.float64).reshape(1 << 9, 1 << 10))

    assert kept_at(kept) == kept_at(kept.ravel()) is not None
    assert [kept_at(other) for other in (kept[: 1 << 8], kept[1:], kept.T, kept[::2], kept.copy())] == [None] * 5


def test_small_arrays_and_other_systems_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get their own array back."""
    small, large = np.zeros(3), np.zeros(1 << 18)

    assert keep(small) is small
    monkeypatch.setattr(memory, "MEMORY_FILES", False)
    assert keep(large) is large


def test_what_no_file_may_hold_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose files may not be that long."""

    def too_long(_: object) -> int:
        raise OSError("File too large")

    monkeypatch.setattr(memory, "memory_file", too_long)
    large = np.zeros(1 << 18)

    assert keep(large) is large
