"""The audit: copies with the same labels, other names for the classes, and what is listed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.audit import ROWS, copies_of, renamed, suspicions


@given(st.lists(st.integers(0, 12), min_size=2, max_size=40).filter(lambda y: len(set(y)) > 1), st.integers(0, 99))
def test_no_class_keeps_its_name(labels: list[int], seed: int) -> None:
    """A renaming maps the classes onto themselves, one to one, and every label becomes another."""
    y = np.array(labels)
    names = renamed(y, np.random.default_rng(seed))

    assert (names(y) != y).all()
    assert sorted(set(names(y).tolist())) == sorted(set(labels))


def test_a_class_that_was_not_there_keeps_its_name() -> None:
    """The renaming is that of the training's classes, whatever labels the unseen rows have."""
    names = renamed(np.array([0, 1]), np.random.default_rng(0))

    assert names(np.array([0, 1, 2, 0, 7])).tolist() == [1, 0, 2, 1, 7]


def test_pictures_in_colour_are_mirrored_and_shifted() -> None:
    """Width is the last axis; the originals stay as they are."""
    x = np.random.default_rng(0).integers(0, 256, (ROWS + 7, 3, 4, 5), dtype=np.uint8)
    copies = copies_of(x)

    assert {what: len(copy) for what, copy in copies.items()} == {"shifted": ROWS, "flipped": ROWS}
    assert (copies["flipped"][0, :, :, 0] == x[0, :, :, -1]).all()
    assert (copies["shifted"][0, :, :, 1] == x[0, :, :, 0]).all()


def test_digits_are_not_mirrored_and_tables_not_at_all() -> None:
    """A mirrored 2 is no 2, and the columns of a table have no neighbours."""
    assert set(copies_of(np.zeros((3, 28, 28), np.uint8))) == {"shifted"}
    assert copies_of(np.zeros((3, 20), np.float32)) == {}


@pytest.mark.parametrize(
    ("measured", "listed"),
    [
        ({"accuracy": 0.8}, []),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "flipped": 0.7, "shifted": 0.75}}, []),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "flipped": 0.1}}, ["0.100 on flipped ones"]),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "shifted": 0.1}}, ["0.100 on shifted ones"]),
        ({"accuracy": 0.8, "copies": {"broke": "KeyError"}}, ["on copies of the rows it broke off: KeyError"]),
        ({"accuracy": 0.8, "renamed": {"plain": 0.81, "accuracy": 0.78}}, []),
        ({"accuracy": 0.8, "renamed": {"plain": 0.81, "accuracy": 0.02}}, ["0.810 graded, 0.020 trained again"]),
        (
            {"accuracy": 0.8, "renamed": {"plain": 0.81, "accuracy": None, "broke": "Too slow."}},
            ["the second training broke off: Too slow."],
        ),
    ],
)
def test_what_no_honest_network_shows_is_listed(measured: dict[str, object], listed: list[str]) -> None:
    """A sentence for each gap, with both numbers."""
    found = suspicions(measured)

    assert len(found) == len(listed)
    assert all(part in sentence.en for part, sentence in zip(listed, found, strict=True))
