"""The generated sets: the same every time, learnable, and not by a linear model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from grader.data.cards import card
from grader.data.generate import generate, recipe
from grader.data.phantoms import CLASSES
from grader.data.phones import COLUMNS
from grader.errors import DataError
from tests.data.small_sets import DATASETS

NAMES = ["cifar10", "mnist", "mobile_price", "phantoms"]


def rows_of(name: str, n: int) -> tuple[Any, Any]:
    made = card(DATASETS, name).standin
    return generate(made.generator, made.parameters, n, seed=made.seed)


def linear_accuracy(X: Any, y: Any, train: int) -> float:
    """Ridge regression on one-hot labels: how far a linear model comes on the rows after the first `train`."""
    flat = X.reshape(len(X), -1).astype(np.float64)
    flat = (flat - flat[:train].mean(0)) / (flat[:train].std(0) + 1e-6)
    flat = np.hstack([flat, np.ones((len(flat), 1))])
    A, B = flat[:train], np.eye(y.max() + 1)[y[:train]]
    weights = A.T @ np.linalg.solve(A @ A.T + 300 * np.eye(train), B)  # 300: where this model does best on the shapes
    return float((np.argmax(flat[train:] @ weights, 1) == y[train:]).mean())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_card_makes_the_same_rows(name: str) -> None:
    """A stand-in depends on its card alone: two calls agree in every bit."""
    first, second = rows_of(name, 30), rows_of(name, 30)

    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_makes_other_rows(name: str) -> None:
    """The seed decides: another one gives another set."""
    made = card(DATASETS, name).standin

    other, _ = generate(made.generator, made.parameters, 30, seed=made.seed + 1)

    assert not np.array_equal(rows_of(name, 30)[0], other)


@pytest.mark.parametrize("name", NAMES)
def test_classes_are_even(name: str) -> None:
    """Each class comes as often as the others, give or take one, in a mixed order."""
    _, y = rows_of(name, 101)

    counts = np.bincount(y)
    assert counts.max() - counts.min() <= 1
    assert np.any(np.diff(y) < 0)


@pytest.mark.parametrize(("name", "most"), [("cifar10", 0.45), ("phantoms", 0.45)])
def test_a_linear_model_fails(name: str, most: float) -> None:
    """Place, phase and colours are random, so no template tells the classes apart."""
    X, y = rows_of(name, 1800)

    assert linear_accuracy(X, y, 1200) <= most


def test_colours_do_not_give_the_shape_away() -> None:
    """The mean of each channel says next to nothing about the class."""
    X, y = rows_of("cifar10", 1800)

    assert linear_accuracy(X.mean((2, 3)), y, 1200) <= 0.2  # chance is 0.1


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Torch on one thread: so small a network is slower on more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_a_small_network_tells_the_phantoms_apart() -> None:
    """Two convolutions, global pooling and ten epochs reach 0.9 on unseen phantoms."""
    X, y = (torch.from_numpy(array) for array in rows_of("phantoms", 1120))
    torch.manual_seed(0)
    first = [nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    net = nn.Sequential(*first, *second, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 4))
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(10):
        for rows in torch.randperm(720).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(X[rows]), y[rows]).backward()
            optimizer.step()

    assert (net(X[720:]).argmax(1) == y[720:]).float().mean() >= 0.9


def test_prices_need_standardised_columns() -> None:
    """The price is near a line in the columns counted in their own spreads; one column alone does not give it."""
    X, y = rows_of("mobile_price", 2000)

    ram = X[:, list(COLUMNS).index("ram")]
    assert (np.argsort(np.argsort(ram)) * 4 // 2000 == y).mean() < 0.8
    assert abs(np.corrcoef(ram, y)[0, 1]) > 0.6


def test_the_table_has_the_real_columns_and_ranges() -> None:
    """Twenty columns under the card's names, none outside the real table's range."""
    X, _ = rows_of("mobile_price", 2000)

    assert tuple(COLUMNS) == card(DATASETS, "mobile_price").columns
    for column, (low, high, values, _) in zip(X.T, COLUMNS.values(), strict=True):
        assert low - 1e-6 <= column.min() <= column.max() <= high + 1e-6
        assert len(np.unique(column)) <= values


def test_mirrored_shapes_are_shapes() -> None:
    """Flipping keeps the label: the mean picture of a class, its angle even, is its own mirror image but for chance."""
    X, y = rows_of("cifar10", 4000)

    for kind in range(10):
        mean = X[y == kind].mean((0, 1))
        mean -= mean.mean()
        assert np.abs(mean - mean[:, ::-1]).mean() < 0.5 * np.abs(mean).mean()


def test_phantoms_as_arrays_are_what_a_folder_reads_as() -> None:
    """Grey pictures of whole grey levels, divided by 255, the same in each channel."""
    X, _ = generate("phantoms", {}, 30, seed=4)
    pictures = np.rint(X[:, 0] * 255).astype(np.uint8)

    for channel in range(3):
        np.testing.assert_array_equal(X[:, channel], pictures.astype(np.float32) / np.float32(255))


def test_phantoms_have_the_cards_classes() -> None:
    """The names of the folders are the card's classes, in order."""
    assert card(DATASETS, "phantoms").classes == CLASSES


@pytest.mark.parametrize(("parameters", "what"), [({"noise": 0.1, "colour": 1}, "colour"), ({}, "noise")])
def test_wrong_parameters_are_told(parameters: dict[str, Any], what: str) -> None:
    """A parameter too many or too few in a card is answered with its name."""
    with pytest.raises(DataError, match=f"cannot be run with the card's parameters.*{what}"):
        generate("phones", parameters, 10)


def test_an_unknown_generator_is_told() -> None:
    """Only the generators that there are can be named."""
    with pytest.raises(DataError, match="no generator 'faces'; a card may name shapes"):
        generate("faces", {}, 10)


def test_a_recipe_changes_with_each_ingredient() -> None:
    """Generator, parameters and numbers each change it; nothing else does."""
    same = recipe("phones", {"noise": 0.1}, 10, 5, 1)

    assert recipe("phones", {"noise": 0.1}, 10, 5, 1) == same
    others = [("digits", {"noise": 0.1}, 10), ("phones", {"noise": 0.2}, 10), ("phones", {"noise": 0.1}, 11)]
    assert same not in {recipe(generator, parameters, n, 5, 1) for generator, parameters, n in others}
