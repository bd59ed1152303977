"""`choices`: credit is right minus wrong, guessing pays nothing, and an unknown word is answered with a known one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import ledger
from grader.checking.choices import choices
from grader.checking.ledger import hint
from grader.errors import CourseError
from tests.checking.compared import graded, said

LAW = settings(deadline=None, derandomize=True, database=None, max_examples=100)
LOSSES = ["cross_entropy", "mse", "margin"]
GROWS = hint("grows", "Look at exp(x) - 1 again.")


@LAW
@given(kinds=st.lists(st.sampled_from(["right", "wrong", "unknown", "blank", "missing"]), min_size=4, max_size=12))
def test_credit_is_right_minus_wrong(kinds):
    """An open cell and a left-out one count as neither, an unknown word as wrong, and nobody falls below zero."""
    cell = {"right": "mse", "wrong": "margin", "unknown": "mean", "blank": ...}
    right = {f"q{i}": "mse" for i in range(len(kinds))}
    answer = {f"q{i}": cell[kind] for i, kind in enumerate(kinds) if kind != "missing"}
    wrong = kinds.count("wrong") + kinds.count("unknown")
    credit = Fraction(max(0, kinds.count("right") - wrong), len(kinds))

    share, book = graded(answer, choices(right, words=dict.fromkeys(right, LOSSES)))

    assert share == credit
    assert book.unwritten == kinds.count("blank")
    assert bool(book.texts) is (credit < 1)


def test_guessing_a_balanced_form_pays_nothing():
    """All true and all false earn nothing; a coin earns less than a fifth in the mean."""
    names = [f"s{i}" for i in range(6)]
    comparer = choices({name: i % 2 == 0 for i, name in enumerate(names)})
    fillings = [[bool(bits >> i & 1) for i in range(6)] for bits in range(64)]
    shares = [graded(dict(zip(names, filling, strict=True)), comparer)[0] for filling in fillings]

    assert shares[0] == shares[-1] == 0
    assert sum(shares) / 64 < Fraction(1, 5)
    assert sorted(shares)[-2:] == [Fraction(2, 3), 1]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_yes_or_no_cells_are_all_or_nothing(count):
    """One to three of them and nothing else; with a word among them, or four, right minus wrong holds."""
    right = {f"s{i}": i == 0 for i in range(count)}

    assert graded(right, choices(right))[0] == 1
    for wrong in ({**right, "s0": False}, {**right, "s0": ...}):
        assert graded(wrong, choices(right))[0] == 0
        assert said(wrong, choices(right)).startswith("A form of so few yes-or-no cells")
    assert graded({**right, "w": "b"}, choices({**right, "w": "a"}))[0] == Fraction(count - 1, count + 1)


def test_forms_are_dicts_of_dicts_and_lists():
    """Cells are found by their keys and places."""
    right = {"relu": {"needs_exp": False, "branch": "zero"}, "winners": ["relu", "tie"]}
    answer = {"relu": {"needs_exp": False, "branch": "zero"}, "winners": ("relu", "lrelu")}

    assert graded(right, choices(right))[0] == 1
    assert graded(answer, choices(right))[0] == Fraction(1, 2)
    assert graded({**right, "relu": ...}, choices(right))[0] == Fraction(1, 2)
    assert graded("adam", choices("adam"))[0] == 1


def test_spelling_of_words_does_not_matter_and_of_truth_values_does():
    """Case, blanks, hyphens and underscores are nothing; 1 is not True, nor "True"."""
    right = {"loss": "cross_entropy", "a": True, "b": False, "n": 0, "none": None}

    assert graded({"loss": " Cross-Entropy ", "a": True, "b": False, "n": 0.0, "none": None}, choices(right))[0] == 1
    for odd in ({"a": 1}, {"a": "True"}, {"b": 0}, {"b": None}, {"n": False}, {"none": 0}):
        assert graded({**right, **odd}, choices(right))[0] == Fraction(3, 5)


def test_several_words_may_be_right():
    """A set is any of them."""
    comparer = choices({"remedy": {"xavier", "he"}}, words={"remedy": ["xavier", "he", "zeros"]})

    assert [graded({"remedy": word}, comparer)[0] for word in ("he", "Xavier", "zeros")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("crossentropy", "`crossentropy` is no word for loss; did you mean `cross_entropy`?"),
        ("adam", "`adam` is no word for loss; the words are cross_entropy, mse, margin."),
        ("`" + "x" * 900, f"`?{'x' * 38}…` is no word for loss; the words are cross_entropy, mse, margin."),
        (3, "loss: It gives a number where a text was asked."),
        (None, "loss: It gives None where a text was asked."),
        (np.ones(2), "loss: It gives an array of numbers where a text was asked."),
        ("margin", ""),
    ],
)
def test_a_word_that_is_not_offered_is_answered(value, sentence):
    """With the nearest one, or with all of them; a wrong one that is offered is only counted."""
    told = said({"loss": value, "ok": "mse"}, choices({"loss": "mse", "ok": "mse"}, words={"loss": LOSSES}))

    assert told == f"{sentence} 1 right, 1 wrong, 0 left open, of 2: a wrong one takes back a right one.".strip()


def test_at_most_three_unknown_words_are_answered():
    """The rest is seen when these are mended."""
    right = dict.fromkeys("abcde", "mse")

    assert (
        said(dict.fromkeys("abcde", "mes"), choices(right, words=dict.fromkeys("abcde", LOSSES))).count("mean `mse`")
        == 3
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "Your function returned nothing: is there a `return`?"),
        (["mse"], "It gives a list where a dict was asked."),
        ({"a": "mse", "C": 1}, "Missing: b, n. Not asked for: C."),
        ({"a": "mse", "b": "yes", "n": 2}, "b asks for True or False."),
        ({"a": "mse", "b": True, "n": "2"}, "n: A text came where a number was asked: leave out the quotation marks."),
    ],
)
def test_a_form_of_another_kind_is_answered(answer, sentence):
    """What came and what was asked."""
    assert said(answer, choices({"a": "mse", "b": True, "n": 2})).startswith(sentence)


def test_which_cells_are_wrong_is_the_instructors_alone():
    """In a yes-or-no cell the place of the slip is the answer."""
    right = {f"s{i}": i % 2 == 0 for i in range(6)}

    share, book = graded({**right, "s3": True}, choices(right))

    assert share == Fraction(2, 3)
    assert "s3" not in book.texts[0].en + book.texts[0].fa
    assert book.details == ["s3: expected (False,), got True"]


def test_a_certain_slip_gets_its_hint():
    """By key or by dotted path; the nearer path counts."""
    right = {"elu": {"branch": "exponential"}, "relu": {"branch": "zero"}}
    comparer = choices(right, hints={"elu.branch": {"logarithmic": GROWS}})

    assert graded({**right, "elu": {"branch": "Logarithmic"}}, comparer)[1].hints == [GROWS]
    assert graded({**right, "relu": {"branch": "logarithmic"}}, comparer)[1].hints == []


@pytest.mark.parametrize(
    "wrongly",
    [
        lambda: choices({}),
        lambda: choices({"a": 0.5}),
        lambda: choices({"a": set()}),
        lambda: choices({"a": "adam"}, words={"a": LOSSES}),
    ],
)
def test_a_wrong_call_is_the_authors_fault(wrongly):
    """It raises CourseError at once."""
    with pytest.raises(CourseError, match=r"choices\(\)"):
        wrongly()


def test_comparing_never_raises_and_works_from_both_sides():
    """Whatever comes; `!=` writes nothing."""
    comparer = choices({"a": "mse", "b": [True, 3]}, words={"a": LOSSES})
    for answer in (
        None,
        ...,
        3,
        "x",
        [],
        {"a": ...},
        {"a": {}, "b": 5},
        {"b": [..., ...]},
        np.ones(2),
        object(),
        {1: {2: 3}},
    ):
        with ledger.opened() as book:
            assert (answer != comparer) is True
        assert book == ledger.Ledger()
        assert (comparer == answer) is (answer == comparer) is False
    assert repr(comparer).startswith("choices(a: ('mse',)")
