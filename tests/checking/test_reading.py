"""Reading an answer: every layout that says the same numbers, and one sentence for everything that does not."""

import numpy as np
import pytest

from grader.checking.reading import Fault, Form, Reading, read
from grader.sandbox.submission import Formula


class Network:
    """Stands for the handle of a student's module."""


TABLE, PAIR, ONE, TRUTHS = np.ones((2, 3)), np.ones(2), np.array(1.0), np.array([True, False])


@pytest.mark.parametrize(
    ("answer", "right", "sentence"),
    [
        (None, ONE, "Your function returned nothing: is there a `return`?"),
        ("3.5", ONE, "A text came where a number was asked: leave out the quotation marks."),
        ("[1, 2]", PAIR, "It gives a text where an array of numbers was asked."),
        (True, ONE, "It gives True or False where a number was asked."),
        ({"a": 1}, ONE, "It gives a dict where a number was asked."),
        ([1.0], ONE, "It gives a list where a number was asked."),
        (np.ones(1), ONE, "It gives an array of numbers where a number was asked."),
        (1.0, PAIR, "It gives a number where an array of numbers was asked."),
        (Formula("pi/2"), ONE, "A formula came where a number was asked: turn it into one with `float(...)`."),
        (Formula("pi/2"), PAIR, "It gives a formula where an array of numbers was asked."),
        (Network(), ONE, "It gives a value of type Network where a number was asked."),
        (np.array([True, False]), PAIR, "It gives an array of True and False where an array of numbers was asked."),
        (np.array(["1", "2"]), PAIR, "It gives a value of type ndarray where an array of numbers was asked."),
        (np.array([1, 0]), TRUTHS, "It gives an array of numbers where an array of True and False was asked."),
        (1, np.array(True), "It gives a number where True or False was asked."),
        (np.ones((3, 2)), TABLE, "Its shape is (3, 2); another shape was asked."),
        ([[1, 2, 3]], TABLE, "Its shape is (1, 3); another shape was asked."),
        ([1, 2, 3], TABLE, "Its shape is (3,); another shape was asked."),
        ([], PAIR, "Its shape is (0,); another shape was asked."),
        ([[1, 2, 3], [1, 2]], TABLE, "Its rows have different lengths."),
        ([np.ones(3), np.ones(2)], TABLE, "Its rows have different lengths."),
    ],
)
def test_what_is_no_such_table_gets_its_sentence(answer, right, sentence):
    """What came, what was asked, and never the asked shape itself, which may be the answer."""
    found = read(answer, right, Form())

    text = found.text if isinstance(found, Fault) else found.odd[0]
    assert text.en == sentence
    assert text.fa != text.en


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (None, "It gives None where a number was asked."),
        ("0.5", "A text came where a number was asked: leave out the quotation marks."),
        (False, "It gives True or False where a number was asked."),
        ({}, "It gives a dict where a number was asked."),
        (Network(), "It gives a value of type Network where a number was asked."),
    ],
)
def test_an_odd_cell_spoils_itself_alone(cell, sentence):
    """The other cells are read."""
    found = read([[1, 2, 3], (4, cell, 6)], TABLE, Form())

    assert isinstance(found, Reading)
    assert {place: text.en for place, text in found.odd.items()} == {4: sentence}
    assert found.values.reshape(-1)[[0, 1, 2, 3, 5]].tolist() == [1, 2, 3, 4, 6]


def test_an_exact_fraction_is_a_number():
    """What sympy or Python's fractions write as 5/2 is read, alone and in a cell."""
    table = read([[Formula("5/2"), 1, 2], [3, 4, Formula("-1/4")]], TABLE, Form())

    assert read(Formula("1/4"), ONE, Form()).values == 0.25
    assert table.values.tolist() == [[2.5, 1, 2], [3, 4, -0.25]]
    assert not table.unread


def test_cells_still_open_are_known_by_their_place():
    """A lone `...` is one cell, one in the place of a row all of its cells, and one for everything a blank answer."""
    assert read([[1, ..., 3], ...], TABLE, Form()).blank == {1, 3, 4, 5}
    assert read([..., [1, 2, ...]], TABLE, Form()).blank == {0, 1, 2, 5}
    assert read([True, ...], TRUTHS, Form()).blank == {1}
    assert read(..., TABLE, Form()).blank is True


def test_an_array_is_taken_as_it_is():
    """No copy of what may be a gigabyte, and one of a list of arrays."""
    answer = np.zeros((2, 3), dtype="float32")

    assert np.shares_memory(read(answer, TABLE, Form()).values, answer)
    assert read(list(answer), TABLE, Form()).values.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "fitting", "not_fitting"),
    [
        ("same", [(2, 3)], [(1, 2, 3), (3, 2), (6,), (2, 3, 1)]),
        ("squeeze", [(2, 3), (1, 2, 3), (2, 1, 3, 1)], [(3, 2), (6,)]),
        ("any", [(2, 3), (6,), (3, 2), (1, 6)], [(2, 2), (7,)]),
    ],
)
def test_the_shape_rules(shape, fitting, not_fitting):
    """same: exactly; squeeze: axes of length one do not count; any: the entries in their order."""
    for size in fitting:
        answer = np.arange(6).reshape(size)
        assert read(answer, TABLE, Form(shape)).values.tolist() == [[0, 1, 2], [3, 4, 5]]
        assert read(answer.tolist(), TABLE, Form(shape)).values.tolist() == [[0, 1, 2], [3, 4, 5]]
    for size in not_fitting:
        assert isinstance(read(np.ones(size), TABLE, Form(shape)), Fault)
        assert isinstance(read(np.ones(size).tolist(), TABLE, Form(shape)), Fault)


def test_only_in_a_list_of_shapes_a_number_is_a_row():
    """n and (n,) are the same row there, and two things everywhere else."""
    assert read((7,), np.array(7), Form(), root=False, row=True).values.tolist() == 7
    assert read(7, np.array([7]), Form(), root=False, row=True).values.tolist() == [7]
    assert isinstance(read((7,), np.array(7), Form(), root=False), Fault)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (np.ones(2), "The dtype is float64; float32 was asked."),
        ([1.0, 2.0], "It gives a list where an array of dtype float32 was asked."),
        (np.ones(3, "float64"), "The dtype is float64; float32 was asked."),
    ],
)
def test_a_dtype_that_was_asked_must_come(answer, sentence):
    """An array has one, a list has none."""
    form = Form(dtype=np.dtype("float32"))

    assert read(answer, PAIR, form).text.en == sentence
    assert isinstance(read(np.ones(2, "float32"), PAIR, form), Reading)


def test_a_plain_number_shows_only_the_kind_of_its_dtype():
    """numpy's scalars arrive as Python's: a float is a float32 as well, a whole number is not."""
    assert isinstance(read(1.0, ONE, Form(dtype=np.dtype("float32"))), Reading)
    assert read(1, ONE, Form(dtype=np.dtype("float32"))).text.en == "The dtype is int64; float32 was asked."


def test_whole_numbers_lose_no_digit_on_the_way():
    """Beside a float, and beyond 64 bits, they stay what they are."""
    assert read([2**53 + 1, 0.5], PAIR, Form()).values.tolist() == [2**53 + 1, 0.5]
    assert read([3**100, 1], PAIR, Form()).values.tolist() == [3**100, 1]
    assert read([2**63 + 1, -1], PAIR, Form()).values.tolist() == [2**63 + 1, -1]


def test_a_list_that_holds_itself_is_refused_and_not_followed():
    """Depth and number of cells are bounded by the asked table."""
    endless = []
    endless.append(endless)
    wide = [0.0] * 1000
    for _ in range(6):
        wide = [wide] * 1000

    assert isinstance(read(endless, TABLE, Form()), Fault)
    assert isinstance(read(wide, TABLE, Form()), Fault)
    assert isinstance(read(wide, PAIR, Form("any")), Fault)
    assert isinstance(read([...] * 1000, np.broadcast_to(0.0, (1000, 10**6)), Form()), Fault)
