"""Which rows they are: trainings and predictions are told apart by their rows, and not made twice."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.sandbox.memory import kept_at

_of_kept: dict[int, int] = {}  # of data sets, by address: each is asked for a dozen times a hand-in


def fingerprints(rows: tuple[NDArray[Any], NDArray[Any]]) -> tuple[int, int]:
    """Of the rows and of their labels."""
    return fingerprint(rows[0]), fingerprint(rows[1])


def fingerprint(half: NDArray[Any]) -> int:
    """A checksum of the array's bytes in their order; of one that was kept it is taken once."""
    address = kept_at(half)
    if address is None:
        return zlib.crc32(np.ascontiguousarray(half).data)
    if address not in _of_kept:
        _of_kept[address] = zlib.crc32(half.data)
    return _of_kept[address]
