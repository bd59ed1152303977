"""How far two tables of numbers are apart, block by block: a gigabyte costs a mask, not eight temporary copies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

BLOCK = 1 << 16  # entries at a time: half a megabyte of float64 stays in the cache
EXACT = 1 << 53  # float64 holds every whole number up to here
WHOLE = 1e-3  # a whole number is a count: 1e-6 of two million must not reach the next one


@dataclass(frozen=True)
class Tolerance:
    """Right are entries with |got - right| <= max(atol + rtol * |right|, band).

    The relative part is at most 1e-3 where a whole number (an int or integer array) is right: counts are exact. With
    `near_zero` a value within atol of zero is held to rtol alone and an exact zero matches nothing. With `nan` NaN
    equals NaN and an infinity itself; else neither equals anything.
    """

    atol: float
    rtol: float
    band: float = 0.0
    nan: bool = False
    near_zero: bool = False

    def limits(self, size: Array, whole: Array | bool) -> Array:
        """The allowed distances. size: (n,) float64, |right|; whole: (n,) bool, or one for all."""
        relative = self.rtol * size
        relative = np.where(whole, np.fmin(relative, WHOLE), relative)
        limits = np.maximum(self.atol + relative, self.band)
        if self.near_zero:
            limits = np.where(size <= self.atol, np.where(size == 0, -1.0, relative), limits)
        return limits


@dataclass(frozen=True)
class Apart:
    """What lies within the tolerance (right: (n,) bool), the index of the worst entry, and how many are not finite."""

    right: Array
    worst: int
    loose: int


def within(got: Array, right: Array, tolerance: Tolerance) -> Apart:
    """Compare two tables of one shape entry by entry; any numeric dtype, or object for whole numbers over 64 bits."""
    got, right = got.reshape(-1), right.reshape(-1)
    fits = np.empty(got.size, dtype=bool)
    worst, furthest, loose = 0, -1.0, 0
    with np.errstate(all="ignore"):
        for start, mine, theirs in _blocks(got, right):
            distance, size, whole = _measure(mine, theirs)
            limits = tolerance.limits(size, whole)
            fit = (distance <= limits) & np.isfinite(distance)
            bounded = finite(mine)
            if tolerance.nan:
                fit |= _same_nonfinite(mine, theirs)
            fits[start : start + fit.size] = fit
            loose += int(np.count_nonzero(~bounded & ~fit))
            ratio = np.where(fit, -1.0, np.nan_to_num(distance / limits, nan=np.inf, posinf=np.inf))
            if ratio.max() > furthest:
                furthest, worst = float(ratio.max()), start + int(ratio.argmax())
    return Apart(fits, worst, loose)


def _blocks(got: Array, right: Array) -> Iterator[tuple[int, Array, Array]]:
    for start in range(0, got.size, BLOCK):
        yield start, got[start : start + BLOCK], right[start : start + BLOCK]


def _measure(got: Array, right: Array) -> tuple[Array, Array, Array | bool]:
    """|got - right| and |right| as float64 (no difference of whole numbers becomes zero), and where right is whole."""
    kinds = got.dtype.kind + right.dtype.kind
    if kinds == "bb":
        return (got != right).astype(float), np.zeros(right.size), False
    if "O" in kinds or _beyond_float(got, right):
        pairs = list(zip(got.tolist(), right.tolist(), strict=True))
        size = np.array([_as_float(entry) for _, entry in pairs])
        return np.array([_exactly(*pair) for pair in pairs]), size, np.array([type(entry) is int for _, entry in pairs])
    whole = right.dtype.kind in "iu"
    if kinds in ("ii", "uu"):
        mine, theirs = (side.astype(f"{kinds[0]}8", copy=False) for side in (got, right))
        # modulo 2**64 the larger minus the smaller is exact, even from the least int64 to the greatest
        distance = np.maximum(mine, theirs).astype(np.uint64) - np.minimum(mine, theirs).astype(np.uint64)
        return distance.astype(float), np.abs(theirs.astype(float)), whole
    mine, theirs = (side.astype("c16" if "c" in kinds else "f8", copy=False) for side in (got, right))
    return np.abs(mine - theirs), np.abs(theirs), whole


def _beyond_float(got: Array, right: Array) -> bool:
    """Whole numbers beside another kind, and too large for float64."""
    if got.dtype.kind == right.dtype.kind:
        return False
    sides = [side for side in (got, right) if side.dtype.kind in "iu" and side.size]
    return any(int(side.max()) > EXACT or int(side.min()) < -EXACT for side in sides)


def _exactly(got: Any, right: Any) -> float:
    try:
        if isinstance(got, complex) or isinstance(right, complex):
            return abs(complex(got) - complex(right))
        return float(abs(Fraction(got) - Fraction(right)))
    except ValueError:  # a NaN has no fraction
        return math.nan
    except OverflowError:  # an infinity, or a distance over 1.8e308
        return math.inf


def _as_float(entry: Any) -> float:
    try:
        return float(abs(entry))
    except OverflowError:
        return math.inf


def finite(block: Array) -> Array:
    """Which numbers of a table are neither NaN nor infinite."""
    if block.dtype.kind == "O":
        return np.array([type(entry) is int or bool(np.isfinite(entry)) for entry in block.tolist()])
    bounded: Array = np.isfinite(block)
    return bounded


def _same_nonfinite(got: Array, right: Array) -> Array:
    if "O" in got.dtype.kind + right.dtype.kind:
        pairs = zip(got.tolist(), right.tolist(), strict=True)
        return np.array([(g != g and r != r) or (abs(g) == math.inf and g == r) for g, r in pairs], dtype=bool)
    same: Array = (np.isnan(got) & np.isnan(right)) | (np.isinf(got) & (got == right))
    return same
