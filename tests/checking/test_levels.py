"""The order of what earns: right, carried, rounded too early, a known mistake; and what carries nothing."""

from fractions import Fraction

import numpy as np
import pytest

from grader.checking.close import close
from grader.checking.ledger import hint
from grader.phrases import phrase
from grader.records import Text
from grader.sandbox.faults import Crashed, Ungraded, Unwritten
from tests.checking.compared import graded

SLIP, OTHER = hint("slip", "A factor is missing."), hint("other", "The sign is turned.")


def test_the_order_is_right_carried_rounded_mistaken():
    """What fits several of them earns the first."""
    mistakes = [(0.1, 2.0, SLIP)]

    assert graded(1.0, close(1.0, carried=lambda: 1.0, band=5, mistakes=[(0.1, 1.0, SLIP)]))[0] == 1
    assert graded(2.0, close(1.0, carried=lambda: 2.0, band=5, mistakes=mistakes))[0] == Fraction(4, 5)
    assert graded(2.0, close(1.0, carried=lambda: 9.0, band=5, mistakes=mistakes))[0] == Fraction(3, 4)
    assert graded(2.0, close(1.0, carried=lambda: 9.0, band=0.5, mistakes=mistakes))[0] == Fraction(1, 10)


def test_every_level_says_what_was_recognised():
    """The engine's sentence for what is carried or rounded, the author's hint for a mistake, else a sentence too."""
    assert graded(2.0, close(1.0, carried=lambda: 2.0))[1].texts == [phrase("close.carried")]
    assert graded(2.0, close(1.0, band=1.5))[1].texts == [phrase("close.rounded")]
    assert graded(2.0, close(1.0, mistakes=[(0.5, 2.0, SLIP)]))[1].hints == [SLIP]
    assert graded(2.0, close(1.0, mistakes=[(0.5, 2.0, SLIP)]))[1].texts == []
    assert graded(2.0, close(1.0, mistakes=[(0.5, 2.0, "A plain sentence.")]))[1].hints == ["A plain sentence."]
    assert graded(2.0, close(1.0, mistakes=[(0.5, 2.0)]))[1].texts == [phrase("close.known")]


def test_with_each_the_levels_are_counted():
    """Two follow, one was rounded, one is a slip that nobody has put into words."""
    comparer = close(
        [1.0, 2, 3, 4, 5], each=True, band=0.01, carried=lambda: [0, 7, 8, 0, 0], mistakes=[(0.5, [8] * 5)]
    )

    share, book = graded([1.0, 7, 8, 4.005, 8], comparer)

    assert share == (1 + 2 * Fraction(4, 5) + Fraction(3, 4) + Fraction(1, 2)) / 5
    assert [text.en for text in book.texts] == [
        "2 of 5 follow from your own earlier answers: a slip costs most only where it was made. "
        "1 of 5 were rounded too early: keep more digits until the last step. "
        "1 of 5 show a known slip, which keeps a part of the points."
    ]


def test_each_entry_goes_through_the_order_by_itself():
    """Two slips in one table: both hints, each entry its own share."""
    right = np.array([1.0, 2.0, 3.0, 4.0])
    mistakes = [(0.6, lambda x: 4 * x, SLIP), (0.5, lambda x: -x, OTHER)]

    share, book = graded([4.0, -2.0, 3.0, 0.0], close(right, each=True, mistakes=mistakes))

    assert share == (Fraction(3, 5) + Fraction(1, 2) + 1) / 4
    assert book.hints == [SLIP, OTHER]
    assert [text.en for text in book.texts] == ["1 of 4 entries differs, at position 4."]


def test_what_could_not_be_read_reaches_no_level():
    """An open cell or a text is not a zero, so nothing near zero is recognised in it."""
    comparer = close([0.5, 2.0], each=True, band=0.75, mistakes=[(0.5, [0.0, 0.0], SLIP)])

    assert graded([..., 2.0], comparer)[0] == Fraction(1, 2)
    assert graded(["0", 2.0], comparer)[0] == Fraction(1, 2)
    assert graded([..., 2.0], close([0.0, 2.0], each=True))[0] == Fraction(1, 2)


def test_without_each_a_mistake_is_the_whole_answer():
    """Half of a mistake is none."""
    mistakes = [(0.6, lambda x: 4 * x, SLIP)]

    assert graded([4.0, 8.0], close([1.0, 2.0], mistakes=mistakes))[0] == Fraction(3, 5)
    assert graded([4.0, 2.0], close([1.0, 2.0], mistakes=mistakes))[0] == 0


def test_a_mistake_of_another_shape_is_compared_as_a_whole():
    """A 2 x 2 result where 3 x 3 was asked keeps its share; any other 2 x 2 nothing; a 3 x 3 answer is not touched."""
    right = np.arange(9.0).reshape(3, 3)
    comparer = close(
        right, each=True, mistakes=[(0.2, lambda x: x[:2, :2], SLIP), (0.5, lambda x: x @ np.ones(5), OTHER)]
    )

    share, book = graded([[0, 1], [3, 4]], comparer)

    assert (share, book.hints, book.texts) == (Fraction(1, 5), [SLIP], [])
    assert graded([[0, 1], [3, 5]], comparer)[0] == 0
    assert graded(right + 1, comparer)[0] == 0


def test_a_mistake_gets_the_right_answer_as_an_array_of_its_own():
    """Lists and numbers too; a dict as it is; whatever it does to it, the expected value stays."""
    seen = []

    def spoil(right):
        seen.append(type(right))
        if isinstance(right, dict):
            right["a"][0] = 7
            return right
        right *= 2
        return right

    expected = np.array([1.0, 2.0])
    keyed = {"a": [1.0, "x"]}
    for right, wrong in (([1, 2], [2, 4]), (3.0, 6.0), (expected, [2.0, 4.0]), (keyed, {"a": [7, "x"]})):
        assert graded(wrong, close(right, mistakes=[(0.5, spoil, SLIP)]))[0] == Fraction(1, 2)

    assert seen == [np.ndarray, np.ndarray, np.ndarray, dict]
    assert expected.tolist() == [1, 2]
    assert keyed == {"a": [1.0, "x"]}


def test_a_mistake_worth_nothing_still_teaches():
    """Share 0: the check fails, with the hint; with each=True the others keep theirs."""
    share, book = graded(-1.0, close(1.0, mistakes=[(0, -1.0, OTHER)]))
    assert (share, book.hints) == (0, [OTHER])
    share, book = graded([-1.0, 2.0], close([1.0, 2.0], each=True, mistakes=[(0, lambda x: -x, OTHER)]))
    assert (share, book.hints) == (Fraction(1, 2), [OTHER])


def test_a_mistake_may_name_some_keys_only():
    """Entries that it does not name are not touched by it."""
    comparer = close({"p": 1.0, "L": 2.0}, each=True, mistakes=[(0.5, {"p": 9.0}, SLIP)])

    assert graded({"p": 9.0, "L": 2.0}, comparer)[0] == Fraction(3, 4)
    assert graded({"p": 1.0, "L": 9.0}, comparer)[0] == Fraction(1, 2)


def test_a_mistake_in_a_row_is_the_whole_row():
    """Rows of a ragged table are recognised row by row."""
    right = [(10, 3), (5, 3), 15]
    comparer = close(right, each=True, mistakes=[(0.5, [(12, 3), (6, 3), 18], SLIP)])

    assert graded([(12, 3), (5, 3), 18], comparer)[0] == Fraction(2, 3)
    assert graded([(12, 4), (5, 3), 15], comparer)[0] == Fraction(2, 3)


def raising(fault):
    def carried():
        raise fault

    return carried


@pytest.mark.parametrize(
    "carried",
    [
        raising(Crashed(Text("It raised."))),
        raising(Unwritten(Text("Not yet."))),
        raising(ZeroDivisionError()),
        lambda: [0.0, 0.0],
        lambda: [float("nan"), 5.0],
        lambda: [float("inf"), 5.0],
        lambda: [2**60, float("nan")],
        lambda: [5.0, 5.0, 5.0],
        lambda: 5.0,
        lambda: {"a": 5.0},
        lambda: None,
        lambda: [..., 5.0],
        lambda: object(),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_a_degenerate_earlier_answer_carries_nothing(carried, each):
    """What fails, is zero, not finite or of another shape: no answer follows from it, its own copy included."""
    for answer in ([0.0, 0.0], [5.0, 5.0], [5.0, 5.0, 5.0], 5.0, {"a": 5.0}, None, [float("nan"), 5.0]):
        assert graded(answer, close([1.0, 2.0], each=each, carried=carried))[0] == 0


def test_with_each_a_zero_that_is_carried_is_none():
    """An entry that comes out as zero from a degenerate part of an answer is not earned by writing zero."""
    comparer = close([1.0, 2.0], each=True, carried=lambda: [0.0, 5.0])

    assert graded([0.0, 5.0], comparer)[0] == Fraction(2, 5)
    assert graded([0.0, 5.0], close([1.0, 2.0], carried=lambda: [0.0, 5.0]))[0] == Fraction(4, 5)


def test_zero_does_not_follow_from_a_small_value():
    """Gradients below carried_atol are held to a relative error, or writing zeros would earn them."""
    comparer = close([1.0, 2.0], carried=lambda: [1e-7, 2e-7])

    assert graded([0.0, 0.0], comparer)[0] == 0
    assert graded([1e-7, 2e-7], comparer)[0] == Fraction(4, 5)


def test_the_tolerance_of_what_is_carried():
    """carried_atol, or one millionth of the value where that is more."""
    assert graded(5.00009, close(1.0, carried=lambda: 5.0, carried_atol=1e-4))[0] == Fraction(4, 5)
    assert graded(5.0002, close(1.0, carried=lambda: 5.0, carried_atol=1e-4))[0] == 0
    assert graded(5e9 + 4e3, close(1.0, carried=lambda: 5e9))[0] == Fraction(4, 5)
    assert graded(480_001, close(483_456, carried=lambda: 480_000))[0] == 0


def test_earlier_answers_are_asked_for_once_and_only_when_needed():
    """A right answer starts no recomputation."""
    calls = []

    def carried():
        calls.append(1)
        return [5.0, 5.0]

    assert graded([1.0, 2.0], close([1.0, 2.0], each=True, carried=carried))[0] == 1
    assert calls == []
    assert graded([5.0, 5.0], close([1.0, 2.0], each=True, carried=carried))[0] == Fraction(4, 5)
    assert calls == [1]


def test_our_own_fault_in_carried_is_not_the_students():
    """Ungraded passes through: the check is graded again instead of losing what might have followed."""
    with pytest.raises(Ungraded):
        graded(5.0, close(1.0, carried=raising(Ungraded(Text("The machine is gone.")))))


def test_dicts_carry_key_by_key():
    """One slip in p is paid in p; what follows from it keeps four fifths."""
    comparer = close({"p": 0.5, "L": 0.25}, each=True, carried=lambda: {"L": 0.16})

    assert graded({"p": 0.6, "L": 0.16}, comparer)[0] == Fraction(2, 5)
