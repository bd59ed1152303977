"""The cards: the course's own are whole, and a broken one says in one sentence what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.data.cards import card, cards
from grader.data.generate import generate
from grader.errors import DataError
from tests.data.small_sets import DATASETS, DIGITS, array_set, without, write_card

FILE = {"name": "a.gz", "sha256": "0" * 64, "bytes": 1, "packing": "gzip", "urls": []}


def test_the_course_has_its_four_sets() -> None:
    """Every card of the course can be read, and says where its set comes from and under which licence."""
    found = cards(DATASETS)

    assert set(found) == {"cifar10", "mnist", "mobile_price", "phantoms"}
    assert all(known.home and known.licence and known.citation for known in found.values())


@pytest.mark.parametrize("name", ["cifar10", "mnist", "mobile_price", "phantoms"])
def test_a_stand_in_has_the_real_shape(name: str) -> None:
    """The stand-in's rows have the shape, dtype and classes that the card gives for the real set."""
    known = card(DATASETS, name)

    X, y = generate(known.standin.generator, known.standin.parameters, 40, seed=known.standin.seed)

    assert (X.shape, X.dtype.name, y.dtype.name) == ((40, *known.shape), known.dtype, "int64")
    assert set(y.tolist()) == set(range(len(known.classes)))


def test_only_sets_with_addresses_can_be_fetched() -> None:
    """Kaggle wants a login and phantoms are made here; the other two have addresses."""
    assert {name for name, known in cards(DATASETS).items() if known.fetchable} == {"cifar10", "mnist"}
    assert {name for name, known in cards(DATASETS).items() if known.generated} == {"phantoms"}


@pytest.mark.parametrize("name", ["cifar", "../cifar10", "CIFAR10", ""])
def test_an_unknown_name_is_answered_with_what_there_is(name: str) -> None:
    """A name without a card gets the nearest one, or the list."""
    with pytest.raises(DataError, match=r"There is no data set .*cifar10"):
        card(DATASETS, name)


@pytest.mark.parametrize("name", ["My_set", "my-set", "3d"])
def test_a_card_of_another_name_is_told(datasets: Path, name: str) -> None:
    """It is not said to be missing: it lies there."""
    write_card(datasets, name, reader="npz", shape=[4])

    with pytest.raises(DataError, match=rf"{name}\.toml: a data set is named in small letters, digits and _"):
        cards(datasets)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A course without cards says so."""
    with pytest.raises(DataError, match="There is no folder"):
        cards(tmp_path / "none")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reader": "zip"}, "reader is 'zip', one of idx"),
        ({"dtype": "int8"}, "dtype is 'int8'"),
        ({"title": 3}, "title is 3, a text was expected"),
        ({"classes": "ab"}, "classes is 'ab', a list of texts"),
        ({"classes": [1, 2]}, "a list of texts"),
        ({"classes": 2.5}, "classes is 2.5, a list of texts"),
        ({"full": {"train": 3}}, "full is {'train': 3}, { train = ROWS, unseen = ROWS } was expected"),
        ({"quick": 12}, "quick is 12, { train = ROWS, unseen = ROWS } was expected"),
        ({"shape": 16}, "shape is 16, a list of lengths was expected"),
        ({"shape": ["16"]}, "shape is ['16'], a list of lengths was expected"),
        ({"quik": {}}, "quik is no key of a card"),
        ({"file": [FILE]}, "it lists 1 files, the reader 'idx' takes 4"),
        ({"file": [FILE | {"sha256": "beef"}] * 4}, "sha256 of a.gz is 'beef', 64 hexadecimal digits"),
        ({"file": [FILE | {"packing": "zip"}] * 4}, "packing is 'zip'"),
        ({"standin": DIGITS | {"generator": "magic"}}, "generator is 'magic', one of 'shapes'"),
    ],
)
def test_a_broken_card_says_what_is_wrong(datasets: Path, change: dict[str, Any], sentence: str) -> None:
    """The sentence names the card's file and the fact that cannot be."""
    write_card(datasets, "odd", **({"reader": "idx", "shape": [4, 5], "file": [FILE] * 4} | change))

    with pytest.raises(DataError, match=r"odd\.toml: ") as caught:
        card(datasets, "odd")
    assert sentence in str(caught.value)


def test_a_card_of_a_set_of_ones_own_says_little(datasets: Path) -> None:
    """The file beside it needs no checksum, no stand-in and no smaller number of rows; classes may be counted."""
    array_set(datasets, classes=3)
    without(datasets, "small_arrays", "standin", "quick")

    known = card(datasets, "small_arrays")

    assert (known.classes, known.quick, known.standin) == (("0", "1", "2"), known.full, None)
    assert known.bundled == datasets / "small_arrays.npz"
    assert not known.fetchable


def test_a_generated_set_needs_its_generator(datasets: Path) -> None:
    """Other sets may go without a stand-in; this one has nothing else."""
    write_card(datasets, "odd", reader="generated", shape=[4, 5])
    without(datasets, "odd", "standin")

    with pytest.raises(DataError, match="'standin' is missing"):
        card(datasets, "odd")


def test_a_card_that_is_no_toml(datasets: Path) -> None:
    """A slip in the file's syntax is told with its place."""
    (datasets / "odd.toml").write_text("title = \n", encoding="utf-8")

    with pytest.raises(DataError, match="cannot be read as TOML"):
        card(datasets, "odd")
