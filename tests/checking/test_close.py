"""`close`: right in any layout, wrong beyond the tolerance, and every recognised share counted exactly."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.checking import ledger
from grader.checking.close import close
from grader.checking.ledger import hint
from grader.errors import CourseError
from tests.checking.compared import compared, said, share_of

LAW = settings(deadline=None, derandomize=True, database=None, max_examples=60)
SLIP = hint("slip", "A factor is missing.")
NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


def tables(entries=NUMBERS, least=0):
    return arrays(np.float64, array_shapes(min_dims=least, max_dims=3, max_side=4), elements=entries)


def nested(table, kind=list):
    """The table as lists or tuples of plain numbers."""
    return table.item() if table.ndim == 0 else kind(nested(row, kind) for row in table)


LAYOUTS = {
    "array": lambda table: table,
    "lists": lambda table: nested(table),
    "tuples": lambda table: nested(table, tuple),
    "list of arrays": lambda table: list(table) if table.ndim else table[()],
    "mixed": lambda table: (
        [nested(row, tuple) if i % 2 else row for i, row in enumerate(table)] if table.ndim else table.item()
    ),
    "Fortran order": lambda table: np.array(table, order="F"),
    "complex": lambda table: table.astype(complex),
    "tensor": torch.from_numpy,
}


@LAW
@given(right=tables(), layout=st.sampled_from(sorted(LAYOUTS)))
def test_a_right_answer_passes_in_any_layout(right, layout):
    """Lists, tuples, arrays, tensors and their mixtures hold the same numbers."""
    answer = LAYOUTS[layout](right.copy())

    for each in (False, True):
        assert compared(answer, close(right, each=each)) == (True, ledger.Ledger())
        assert compared(answer, close(nested(right), each=each)) == (True, ledger.Ledger())


@LAW
@given(right=arrays(np.int64, array_shapes(min_dims=0, max_side=4), elements=st.integers(-2000, 2000)))
def test_whole_numbers_pass_in_any_type_that_holds_them(right):
    """2.0 is right where 2 is expected, in float32, int16 or complex, and 2 where 2.0 is."""
    for dtype in (np.int16, np.int32, np.float16, np.float32, np.float64, np.complex64):
        assert compared(right.astype(dtype), close(right, atol=0, rtol=0)) == (True, ledger.Ledger())
        assert compared(right, close(right.astype(dtype), atol=0, rtol=0)) == (True, ledger.Ledger())


@LAW
@given(right=tables(), where=st.integers(0, 63), sign=st.sampled_from([-1, 1]), each=st.booleans())
def test_one_entry_beyond_the_tolerance_is_wrong(right, where, sign, each):
    """Whatever the entry, its sign and its size: twice the tolerance is too much, half of it is not."""
    where %= right.size
    limit = 1e-6 + 1e-4 * abs(right.flat[where])
    comparer = close(right, atol=1e-6, rtol=1e-4, each=each)
    far, near = right.copy(), right.copy()
    far.flat[where] += sign * 2 * limit
    near.flat[where] += sign * limit / 2

    assert share_of(near, comparer) == 1
    assert share_of(far, comparer) == (Fraction(right.size - 1, right.size) if each else 0)


@LAW
@given(data=st.data(), right=tables(st.floats(1, 100), least=1))
def test_every_share_of_a_table_is_counted_exactly(data, right):
    """Right 1, carried 4/5, rounded 3/4, a slip its own share, wrong and unwritten 0: the mean over the entries."""
    kinds = data.draw(st.lists(st.integers(0, 5), min_size=right.size, max_size=right.size))
    ways = [
        lambda x: x,
        lambda x: x + 1000,
        lambda x: x + 0.05,
        lambda x: 4 * x + 1000,
        lambda x: -1 - x,
        lambda x: ...,
    ]
    answer = np.empty(right.shape, dtype=object)
    answer.flat = [ways[kind](value) for kind, value in zip(kinds, right.flat, strict=True)]
    comparer = close(
        right, each=True, band=0.1, carried=lambda: right + 1000, mistakes=[(0.35, lambda x: 4 * x + 1000, SLIP)]
    )

    earns, book = compared(answer.tolist(), comparer)

    worth = [Fraction(1), Fraction(4, 5), Fraction(3, 4), Fraction(7, 20), Fraction(0), Fraction(0)]
    total = sum(worth[kind] for kind in kinds) / right.size
    assert (book.share if earns else 0) == total
    assert earns == (total > 0)
    assert book.unwritten == kinds.count(5)
    assert book.hints == ([SLIP] if 3 in kinds else [])


@LAW
@given(right=tables(), slips=st.lists(st.floats(-3, 3), max_size=3), each=st.booleans())
def test_nothing_ever_lowers_a_right_answer(right, slips, each):
    """A known mistake, a band or a carried value that equals the right one (an unlucky draw) costs nothing."""
    mistakes = [(0.1, lambda x, factor=factor: factor * x, SLIP) for factor in (*slips, 1)]
    comparer = close(right, each=each, band=1.0, carried=lambda: right, mistakes=mistakes)

    assert compared(right, comparer) == (True, ledger.Ledger())


@LAW
@given(first=st.floats(0.1, 9), slip=st.floats(0.1, 9), each=st.booleans())
def test_a_slip_is_carried_on_for_four_fifths(first, slip, each):
    """Whoever goes on rightly from an own wrong value loses a fifth, not everything."""

    def later(value):
        return [value**2, 3 * value + 1]

    earlier = first + slip
    comparer = close(later(first), each=each, carried=lambda: later(earlier))

    assert share_of(later(earlier), comparer) == Fraction(4, 5)
    assert share_of(later(first), comparer) == 1


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**4096), 2**4096),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.sampled_from([0, 1, 2.0, "1", object()]),
    arrays(
        st.sampled_from([np.int8, np.uint64, np.float16, np.float64, np.complex64, np.bool_]), array_shapes(min_dims=0)
    ),
)
KEYS = st.one_of(st.sampled_from(["a", "b", 1, 2.5]), st.text(max_size=3), st.floats(), st.booleans())


def nestings(leaves, keys=KEYS):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(keys, inner, max_size=3),
        ),
        max_leaves=8,
    )


@settings(LAW, max_examples=300)
@given(
    answer=nestings(st.one_of(PLAIN, st.just(...))),
    right=nestings(PLAIN.filter(lambda value: type(value) is not object)),
    mistaken=nestings(PLAIN),
    each=st.booleans(),
    shape=st.sampled_from(["same", "squeeze", "any"]),
    dtype=st.sampled_from([None, "float32"]),
)
def test_comparing_never_raises(answer, right, mistaken, each, shape, dtype):
    """Whatever a student returns, the comparison is True or False, from both sides, and a miss says why."""
    comparer = close(
        right,
        each=each,
        shape=shape,
        dtype=dtype,
        band=0.1,
        carried=lambda: mistaken,
        mistakes=[(0.5, mistaken, None), (0.5, lambda x: x[1:] * 2, SLIP)],
    )

    earns, book = compared(answer, comparer)

    assert earns is (comparer == answer)
    assert earns is not (answer != comparer)
    assert earns or book.texts[0].en
    assert all(text.en and text.fa for text in book.texts)
    assert repr(comparer).startswith("close(")


@LAW
@given(
    right=nestings(st.integers(10_000, 10**30) | st.floats(1234.5, 1e6), st.sampled_from(["p", "w"])),
    spoil=st.sampled_from(["more", "text", "none", "cut", "wrapped", "blank"]),
    each=st.booleans(),
)
def test_no_expected_number_reaches_the_student(right, spoil, each):
    """Whatever is wrong, the sentences hold no expected value, rounded or not; the instructor's detail does."""

    def spoilt(value):
        if isinstance(value, dict):
            return {key: spoilt(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [spoilt(item) for item in value[1:] if spoil == "cut"] or [spoilt(item) for item in value]
        return {"more": 1.5 * value, "text": "x", "none": None, "cut": 0, "wrapped": [value], "blank": ...}[spoil]

    def numbers(value):
        if isinstance(value, dict):
            value = list(value.values())
        return [n for item in value for n in numbers(item)] if isinstance(value, list | tuple) else [value]

    _, book = compared(spoilt(right), close(right, each=each, mistakes=[(0, lambda x: 1.5 * x, None)]))

    told = " ".join(text.en + text.fa for text in book.texts)
    assert not [n for n in numbers(right) if str(n)[:5] in told or str(int(n)) in told or f"{n:.3g}" in told]


def test_the_instructor_sees_what_was_expected():
    """The detail has both values; the student's sentence neither."""
    _, book = compared([1.0, 99.5], close([1.0, 271.25]))

    assert book.details == ["expected [1.0, 271.25]\ngot [1.0, 99.5]"]
    assert "271" not in book.texts[0].en + book.texts[0].fa


def test_both_sides_and_both_operators():
    """numpy's arrays, torch's tensors and numpy's scalars hand the comparison over, `==` and `!=`, left and right."""
    for answer in (np.ones(3), torch.ones(3), [1, 1, 1]):
        assert (answer == close(np.ones(3))) is True
        assert (close(np.ones(3)) == answer) is True
        assert (answer != close(np.zeros(3))) is True
        assert (close(np.zeros(3)) != answer) is True
    assert (np.float32(1) == close(1)) is True
    assert {"p": np.ones(2)} == {"p": close([1, 1])}


def test_asking_whether_it_is_something_else_writes_nothing():
    """`!=` recognises no share and leaves no sentence."""
    with ledger.opened() as book:
        assert np.ones(2) != close([2, 2])
        assert (np.ones(2) != close([2, 2], mistakes=[(0.5, [1, 1], SLIP)])) is False

    assert book == ledger.Ledger()


@pytest.mark.parametrize("large", [2**53 + 1, 2**63, 3**200])
def test_whole_numbers_are_exact_however_large(large):
    """A count that is off by one is wrong, though relative to itself the error is nothing."""
    assert share_of(large, close(large)) == 1
    assert share_of([large, 1], close([large, 1])) == 1
    assert share_of(large + 1, close(large)) == 0
    assert share_of(2_000_001, close(2_000_000)) == 0
    assert share_of(np.array([2_000_001]), close(np.array([2_000_000]), each=True)) == 0


def test_a_range_of_counts_is_said_with_atol():
    """61 to 63 where 62 is right."""
    assert [share_of(n, close(62, atol=1)) for n in (60, 61, 62.0, 63, 64)] == [0, 1, 1, 1, 0]


def test_nan_and_infinity_equal_nothing_unless_asked():
    """With nan=True they equal themselves, by place and sign."""
    odd = [float("nan"), float("inf"), float("-inf"), 1.0]

    assert share_of(odd, close(odd)) == 0
    assert share_of(float("inf"), close(float("inf"), each=True)) == 0
    assert share_of(odd, close(odd, nan=True)) == 1
    assert share_of([odd[0], odd[2], odd[1], 1.0], close(odd, nan=True, each=True)) == Fraction(1, 2)
    assert share_of(1e300, close(float("inf"), nan=True)) == 0


def test_a_negative_zero_is_a_zero():
    """-0.0 and 0 are the same number."""
    assert share_of(-0.0, close(0, atol=0)) == 1
    assert share_of([0.0, -0.0], close(np.array([-0.0, 0.0]), atol=0)) == 1


def test_words_truth_values_and_none_are_equal_or_not():
    """No tolerance, no conversion."""
    assert share_of("adam", close("adam")) == 1
    assert share_of("Adam", close("adam")) == 0
    assert share_of(None, close(None)) == 1
    assert share_of(3, close(None)) == 0
    assert share_of([True, False], close([True, False])) == 1
    assert share_of(np.array([True, True]), close([True, False], each=True)) == Fraction(1, 2)
    assert share_of(["lrelu", "tie"], close(["relu", "tie"], each=True)) == Fraction(1, 2)


def test_truth_values_among_numbers_stay_truth_values():
    """A list of both is compared item by item, or 1 would be True in it."""
    assert share_of([True, 2.5], close([True, 2.5])) == 1
    assert share_of([1, 2.5], close([True, 2.5], each=True)) == Fraction(1, 2)
    assert share_of([True, True], close([True, 1], each=True)) == Fraction(1, 2)


def test_an_empty_table_is_right_when_it_is_empty():
    """Nothing to compare is no reason to pass."""
    for right in ([], np.zeros((0, 3)), {}, {"a": []}):
        for each in (False, True):
            assert share_of(right, close(right, each=each)) == 1
            assert share_of([1.0], close(right, each=each)) == 0
            assert share_of(None, close(right, each=each)) == 0


def test_a_row_of_a_ragged_table_is_one_entry():
    """Nine rows, of which one is wrong in one number, earn eight ninths; n and (n,) are the same row."""
    right = [(498, 16), (249, 16), (245, 32), (122, 32), (118, 64), (59, 64), 3776, 128, 5]
    answer = [[498, 16], (249, 16), (245, 32), (122, 32), np.array([245, 32]), (59, 64), (3776,), [128], 5]

    assert share_of(answer, close(right, each=True)) == Fraction(8, 9)
    assert "row 5" in said(answer, close(right, each=True))
    assert share_of([*answer[:4], (..., 64), *answer[5:]], close(right, each=True)) == Fraction(8, 9)
    assert share_of(answer[:8], close(right, each=True)) == 0


def test_the_leaves_of_a_dict_are_entries():
    """A missing key loses its entries, a key too many loses nothing with each=True and everything without."""
    right = {"p": 0.5, "w": [1.0, 2.0, 3.0]}

    assert share_of({"p": 0.5, "w": [1, 2, 4]}, close(right, each=True)) == Fraction(3, 4)
    assert share_of({"p": 0.5}, close(right, each=True)) == Fraction(1, 4)
    assert share_of({**right, "z": 1}, close(right, each=True)) == 1
    assert share_of({**right, "z": 1}, close(right)) == 0
    assert share_of(dict(reversed(right.items())), close(right)) == 1


@pytest.mark.parametrize(
    "wrongly",
    [
        lambda: close({1, 2}),
        lambda: close(1, shape="broadcast"),
        lambda: close(1, atol=-1),
        lambda: close(1, band=float("nan")),
        lambda: close(1, dtype="float33"),
        lambda: close(1, mistakes=[(2, 3, None)]),
        lambda: close(1, mistakes=[("half", 3)]),
        lambda: close(1, mistakes=[0.5]),
        lambda: close(1, mistakes=[(0.5, 3, 4)]),
        lambda: close(1, carried_share=1.5),
    ],
)
def test_a_wrong_call_is_the_authors_fault(wrongly):
    """It raises CourseError at once: a TypeError in a check would cost the student the points."""
    with pytest.raises(CourseError, match=r"close\(\)|close\("):
        wrongly()


def test_an_array_is_compared_in_pieces():
    """A table larger than one block is compared entry by entry like a small one, and its worst row is found."""
    right = np.zeros((300, 1000), dtype="float32")
    answer = right.copy()
    answer[299, 7], answer[100, 3] = 5, 4

    assert said(answer, close(right)) == "2 of 300000 entries differ, the worst in row 300."
    assert share_of(answer, close(right, each=True)) > Fraction(9, 10)
