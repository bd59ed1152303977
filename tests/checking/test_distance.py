"""Distances: exact for whole numbers, guarded near zero, never finite for what is not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.distance import BLOCK, Tolerance, within

LAW = settings(deadline=None, derandomize=True, database=None, max_examples=100)


def fits(got, right, tolerance):
    """Whether one number lies within the tolerance of another."""
    return bool(within(np.array([got]), np.array([right]), tolerance).right[0])


@LAW
@given(
    got=st.integers(-(2**63), 2**63 - 1),
    right=st.integers(-(2**63), 2**63 - 1),
    kinds=st.sampled_from(["ii", "uu", "iu", "ui", "iO", "OO", "Ou"]),
    allowed=st.integers(0, 3),
)
def test_whole_numbers_of_64_bits_are_told_apart_in_every_pair_of_types(got, right, kinds, allowed):
    """Signed, unsigned and Python's own whole numbers: the distance counts as the exact difference does."""
    got, right = (n + 2**63 if kind == "u" else n for n, kind in zip((got, right), kinds, strict=True))
    dtypes = {"i": np.int64, "u": np.uint64, "O": object}
    for other in (right, got + allowed, got - allowed):
        try:
            pair = [np.array([n], dtypes[kind]) for n, kind in zip((got, other), kinds, strict=True)]
        except OverflowError:  # got + 1 may not fit where got is the greatest
            continue
        assert bool(within(*pair, Tolerance(allowed, 0)).right[0]) is (abs(got - other) <= allowed)


@LAW
@given(right=st.integers(-(10**18), 10**18))
def test_a_float_beside_a_large_whole_number_is_not_rounded_to_it(right):
    """2.0**53 is not 2**53 + 1, whichever side is the float."""
    got = float(right)
    exact = Fraction(got) == right

    assert fits(got, right, Tolerance(0, 0)) is exact
    assert fits(right, got, Tolerance(0, 0)) is exact


def test_the_relative_part_never_reaches_the_next_whole_number():
    """1e-6 of ten million is ten, yet nine more parameters are not right; for a float it is what was said."""
    tolerance = Tolerance(0, 1e-6)

    assert not fits(10_000_001, 10_000_000, tolerance)
    assert fits(10_000_000.0005, 10_000_000, tolerance)
    assert fits(10_000_009.0, 10_000_000.0, tolerance)
    assert not fits(10_000_011.0, 10_000_000.0, tolerance)


def test_near_zero_only_the_relative_part_holds():
    """A tiny value is not matched by zero, and an exact zero by nothing at all."""
    guarded, plain = Tolerance(1e-6, 1e-6, near_zero=True), Tolerance(1e-6, 1e-6)

    assert fits(0.0, 1e-7, plain)
    assert not fits(0.0, 1e-7, guarded)
    assert fits(1e-7 + 1e-14, 1e-7, guarded)
    assert not fits(0.0, 0.0, guarded)
    assert fits(0.5000005, 0.5, guarded)


def test_the_band_is_absolute_and_never_narrower_than_the_tolerance():
    """max(atol + rtol * |right|, band)."""
    assert fits(1.05, 1.0, Tolerance(0, 0, band=0.1))
    assert not fits(1.15, 1.0, Tolerance(0, 0, band=0.1))
    assert fits(1.15, 1.0, Tolerance(0.2, 0, band=0.1))


@pytest.mark.parametrize("kind", [np.float16, np.float64, np.complex128, object])
def test_what_is_not_finite_is_near_to_nothing(kind):
    """NaN and infinities differ from everything and are counted; with nan=True only from everything else."""
    odd = np.array([float("nan"), float("inf"), float("-inf"), 1.0], dtype=kind)

    apart = within(odd, odd, Tolerance(1, 1))
    assert apart.right.tolist() == [False, False, False, True]
    assert apart.loose == 3
    assert within(odd, odd, Tolerance(1, 1, nan=True)).right.all()
    turned = within(odd[[1, 2, 0, 3]], odd, Tolerance(1, 1, nan=True))
    assert turned.right.tolist() == [False, False, False, True]


def test_a_whole_number_beyond_every_float_is_compared_too():
    """10**400 is further from 1e308 than any float says, and equal to itself."""
    assert not fits(10**400, 1e308, Tolerance(1, 1))
    assert not fits(10**400, 1j, Tolerance(1, 1))
    assert fits(10**400, 10**400, Tolerance(0, 0))


def test_the_worst_entry_is_the_one_that_exceeds_its_own_tolerance_most():
    """An error of 1 at 1000 is less than one of 0.5 at 1; the last block counts like the first."""
    right = np.ones(2 * BLOCK + 10)
    right[5] = 1000
    got = right.copy()
    got[[5, -1]] += 1, 0.5

    apart = within(got, right, Tolerance(0, 1e-6))

    assert np.flatnonzero(~apart.right).tolist() == [5, got.size - 1]
    assert apart.worst == got.size - 1
    assert apart.loose == 0


def test_truth_values_are_equal_or_not():
    """No tolerance turns True into False."""
    assert within(np.array([True, False]), np.array([True, True]), Tolerance(0.5, 0.5)).right.tolist() == [True, False]
