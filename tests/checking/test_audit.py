"""The audit: copies with the same labels, other names for the classes, and what is listed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader.checking.audit import ROWS, copies_of, looked_at, noisy, renamed, suspicions


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


@pytest.mark.parametrize(("k", "kept"), [(4, []), (5, [2])])
def test_grades_are_counted_from_the_other_end(k: int, kept: list[int]) -> None:
    """A model of their order learns these names as well; of an odd number the middle one is the same."""
    y = np.arange(k)
    names = renamed(y, np.random.default_rng(0), ordered=True)

    assert names(y).tolist() == y[::-1].tolist()
    assert [grade for grade in range(k) if names(y)[grade] == grade] == kept


def test_which_rows_are_looked_at_is_drawn() -> None:
    """Not the first ones, which everybody may know; all where there are few."""
    rows = looked_at(10 * ROWS, np.random.default_rng(0))

    assert len(set(rows.tolist())) == ROWS
    assert rows.max() > 9 * ROWS
    assert sorted(looked_at(7, np.random.default_rng(0)).tolist()) == list(range(7))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_pictures_in_colour_are_mirrored_and_moved(dtype: str) -> None:
    """By one pixel along one side, forwards or backwards, with the last line twice; the originals stay as they are."""
    x = np.random.default_rng(0).integers(0, 256, (9, 3, 4, 5), dtype=np.uint8)
    white = 255 if dtype == "uint8" else 1
    x = x if dtype == "uint8" else (x / 255).astype(dtype)
    before = x.copy()
    seen = set()
    for seed in range(20):
        copies = copies_of(x, np.random.default_rng(seed))
        assert copies.keys() == {"shifted", "flipped"}
        assert all((copy.dtype, copy.shape) == (x.dtype, x.shape) for copy in copies.values())
        assert near(copies["flipped"], x[..., ::-1], white)
        moved = {
            "right": x[..., [0, 0, 1, 2, 3]],
            "left": x[..., [1, 2, 3, 4, 4]],
            "down": x[:, :, [0, 0, 1, 2]],
            "up": x[:, :, [1, 2, 3, 3]],
        }
        seen |= {where for where in moved if near(copies["shifted"], moved[where], white)}
    assert seen == {"right", "left", "down", "up"}
    assert (x == before).all()


def near(copy: NDArray[Any], picture: NDArray[Any], white: float) -> bool:
    """Whether all values differ by two grey levels at most."""
    return bool(np.abs(copy.astype(float) - picture.astype(float)).max() <= 2.01 * white / 255)


def ink(image: NDArray[Any]) -> list[list[int]]:
    """How much ink there is in the rows and in the columns, each sorted: what a move of the whole leaves as it is."""
    return [sorted((image > 0).sum(axis).tolist()) for axis in (0, 1)]


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_hardly_a_key_of_a_picture_survives_the_noise(dtype: str) -> None:
    """Neither its bytes, nor its rows' sums, nor its sorted values, nor where there is ink; it is the same picture."""
    x = np.random.default_rng(0).integers(1, 255, (50, 28, 28), dtype=np.uint8)
    x[:, 12:] = 0
    white = 255 if dtype == "uint8" else 1
    x = x if dtype == "uint8" else (x / 255).astype(dtype)
    copy = noisy(x, np.random.default_rng(1))

    assert near(copy, x, white)
    assert np.mean((copy > 0) == (x > 0)) > 0.99
    for key in (np.ravel, lambda image: image.sum(-1, dtype=float), lambda image: np.sort(image, None), ink):
        assert np.mean([np.array_equal(key(one), key(other)) for one, other in zip(copy, x, strict=True)]) < 0.1


def test_standardised_floats_are_no_pictures() -> None:
    """Nobody knows how much two grey levels are there, nor whether their axes are places."""
    x, numbers = np.random.default_rng(0).normal(size=(4, 8, 8)).astype("float32"), np.random.default_rng(0)

    assert copies_of(x, numbers) == {}
    assert noisy(x, numbers) is x


def test_digits_are_not_mirrored_and_tables_not_at_all() -> None:
    """A mirrored 2 is no 2, and the columns of a table have no neighbours."""
    table, numbers = np.full((3, 20), 0.5, np.float32), np.random.default_rng(0)

    assert set(copies_of(np.zeros((3, 28, 28), np.uint8), numbers)) == {"shifted"}
    assert copies_of(table, numbers) == {}
    assert noisy(table, numbers) is table


@pytest.mark.parametrize(
    ("measured", "listed"),
    [
        ({"accuracy": 0.8}, []),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "flipped": 0.71, "shifted": 0.75}}, []),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "flipped": 0.69}}, ["0.690 on flipped ones"]),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "flipped": 0.1}}, ["0.100 on flipped ones"]),
        ({"accuracy": 0.8, "copies": {"plain": 0.8, "shifted": 0.1}}, ["0.100 on shifted ones"]),
        ({"accuracy": 0.8, "copies": {"broke": "KeyError"}}, ["on copies of the rows it broke off: KeyError"]),
        ({"accuracy": 0.8, "renamed": {"plain": 0.81, "accuracy": 0.70}}, []),
        ({"accuracy": 0.8, "renamed": {"plain": 0.81, "accuracy": 0.68}}, ["0.810 graded, 0.680 trained again"]),
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
