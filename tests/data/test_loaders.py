"""From a name to arrays: the same rows every time, from the real set where it is, and honest where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import grader.data.loaders
from grader.data.loaders import Dataset, balanced, load, stand_ins
from grader.errors import DataError
from tests.data.small_sets import (
    DATASETS,
    REAL,
    array_set,
    cifar_set,
    idx_set,
    picture_files,
    pictures_of,
    table_set,
    without,
)
from tests.sample_course import lay

on_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real sets are not beside this checkout")


def counts(rows: tuple[Any, Any]) -> list[int]:
    return np.bincount(rows[1]).tolist()


def assert_equal(first: Dataset, second: Dataset) -> None:
    for one, other in zip((*first.train, *first.unseen), (*second.train, *second.unseen), strict=True):
        np.testing.assert_array_equal(one, other)


def test_full_is_the_whole_set_in_the_files_order(datasets: Path, tmp_path: Path) -> None:
    """All rows, as the publisher ordered them, and the source is called official."""
    X, y, U, v = idx_set(datasets, tmp_path / "set")

    found = load("small_idx", datasets=datasets, data_dir=tmp_path / "set", profile="full")

    np.testing.assert_array_equal(found.train[0], X)
    np.testing.assert_array_equal(found.train[1], y)
    np.testing.assert_array_equal(found.unseen[0], U)
    np.testing.assert_array_equal(found.unseen[1], v)
    assert (found.source, found.classes) == ("official", ("ant", "bee", "cat"))


def test_quick_is_an_even_part_of_it(datasets: Path, tmp_path: Path) -> None:
    """The card's numbers of rows, each class as often, each row a real one with its own label."""
    X, y, U, v = idx_set(datasets, tmp_path / "set")
    labels = {pixels.tobytes(): label for pixels, label in zip([*X, *U], [*y, *v], strict=True)}

    found = load("small_idx", datasets=datasets, data_dir=tmp_path / "set")

    assert (counts(found.train), counts(found.unseen)) == ([4, 4, 4], [2, 2, 2])
    for pixels, label in zip([*found.train[0], *found.unseen[0]], [*found.train[1], *found.unseen[1]], strict=True):
        assert labels[pixels.tobytes()] == label


@pytest.mark.parametrize("profile", ["quick", "full"])
@pytest.mark.parametrize("make", [idx_set, cifar_set, table_set])
def test_the_second_load_is_the_first(datasets: Path, tmp_path: Path, make: Any, profile: Any) -> None:
    """From the files or from the cache, the same rows come in the same order, the caller's own to change."""
    make(datasets, tmp_path / "set")
    name = next(datasets.glob("*.toml")).stem

    first = load(name, datasets=datasets, data_dir=tmp_path / "set", profile=profile)
    second = load(name, datasets=datasets, data_dir=tmp_path / "set", profile=profile)

    assert_equal(first, second)
    for array in (*second.train, *second.unseen):
        assert type(array) is np.ndarray
        assert array.flags.writeable
        assert array.flags.c_contiguous


def test_a_set_is_decoded_once(datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second load does not touch the readers; a changed file is read again."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    lay(tmp_path / "set", pictures_of(X, y, U, v))
    calls = []
    read = grader.data.loaders.read
    monkeypatch.setattr(grader.data.loaders, "read", lambda *given: calls.append(1) or read(*given))

    for _ in range(3):
        load("small_cifar", datasets=datasets, data_dir=tmp_path / "set")
    assert len(calls) == 1
    lay(tmp_path / "set", picture_files(255 - X[:1], y[:1], "train"))
    load("small_cifar", datasets=datasets, data_dir=tmp_path / "set")
    assert len(calls) == 2


def test_pictures_say_that_they_are_pictures(datasets: Path, tmp_path: Path) -> None:
    """Re-encoded pictures are no official release."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    lay(tmp_path / "set", pictures_of(X, y, U, v))

    found = load("small_cifar", datasets=datasets, data_dir=tmp_path / "set", profile="full")

    assert found.source == "images"


def test_a_table_is_split_evenly_and_without_overlap(datasets: Path, tmp_path: Path) -> None:
    """The same split in both profiles, each class as often, no row in both halves, none lost."""
    X, _ = table_set(datasets, tmp_path / "set")

    quick = load("small_table", datasets=datasets, data_dir=tmp_path / "set")
    full = load("small_table", datasets=datasets, data_dir=tmp_path / "set", profile="full")

    assert (counts(full.train), counts(full.unseen)) == ([10, 10, 10], [4, 4, 4])
    rows = sorted(map(tuple, np.concatenate([full.train[0], full.unseen[0]]).tolist()))
    assert rows == sorted(map(tuple, X.tolist()))
    assert {tuple(row) for row in quick.unseen[0].tolist()} <= {tuple(row) for row in full.unseen[0].tolist()}


@pytest.mark.parametrize("name", ["cifar10", "mnist", "mobile_price"])
def test_quick_without_the_set_is_its_stand_in(name: str) -> None:
    """Nothing is here: the stand-in has even classes and is always the same."""
    found = load(name, datasets=DATASETS)

    assert found.source == "stand-in"
    for rows in (found.train, found.unseen):
        assert len(set(counts(rows))) == 1
    assert_equal(found, load(name, datasets=DATASETS))


def test_what_would_stand_in_is_known_before_it_is_made(datasets: Path, tmp_path: Path) -> None:
    """The sets that are not here, in the order asked; what the course generates is no stand-in."""
    idx_set(datasets, tmp_path / "set")
    cifar_set(datasets, tmp_path / "elsewhere")

    assert stand_ins(["small_idx", "small_cifar"], datasets=datasets, data_dir=tmp_path / "set") == ["small_cifar"]
    assert stand_ins(["phantoms", "mnist"], datasets=DATASETS) == ["mnist"]


def test_a_stand_in_shows_no_row_twice() -> None:
    """No unseen picture is among the training pictures."""
    found = load("mnist", datasets=DATASETS)

    seen = {pixels.tobytes() for pixels in found.train[0]}
    assert not any(pixels.tobytes() in seen for pixels in found.unseen[0])


@pytest.mark.parametrize(
    ("name", "command"),
    [("cifar10", "grader data fetch cifar10"), ("mobile_price", "grader data add mobile_price PATH")],
)
def test_full_without_the_set_names_the_command(name: str, command: str, tmp_path: Path) -> None:
    """A full run does not make do with a stand-in: it says how the set is brought here."""
    with pytest.raises(DataError, match=command) as caught:
        load(name, datasets=DATASETS, profile="full")
    assert str(tmp_path / "home" / name) in str(caught.value)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_a_set_of_arrays_comes_as_it_was_saved(datasets: Path, profile: Any) -> None:
    """Beside its card it is there in every profile, in quick an even part; ids stay int64."""
    saved = array_set(datasets)

    found = load("small_arrays", datasets=datasets, profile=profile)

    assert (found.source, found.train[0].dtype, found.train[1].dtype) == ("official", np.int64, np.int64)
    if profile == "full":
        for array, right in zip((*found.train, *found.unseen), saved.values(), strict=True):
            np.testing.assert_array_equal(array, right)
    else:
        assert (counts(found.train), counts(found.unseen)) == ([4, 4, 4], [2, 2, 2])


def test_a_card_that_was_changed_is_asked_again(datasets: Path) -> None:
    """No cache stands between an author's file, its card, and the sentence that says that they do not fit."""
    array_set(datasets)
    load("small_arrays", datasets=datasets)
    array_set(datasets, dtype="uint8")

    with pytest.raises(DataError, match=r"small_arrays\.npz holds rows of int64; uint8 was expected: mend the file"):
        load("small_arrays", datasets=datasets)


@pytest.mark.parametrize("profile", ["quick", "full"])
@pytest.mark.parametrize("url", ["https://example.org/small_arrays.npz", ""])
def test_a_set_without_a_stand_in_is_asked_for(datasets: Path, tmp_path: Path, url: str, profile: Any) -> None:
    """Nothing takes its place, in quick neither: the sentence has the command that gets it."""
    array_set(datasets, tmp_path / "elsewhere", [url] if url else [])
    without(datasets, "small_arrays", "standin")

    with pytest.raises(DataError, match=f"grader data {'fetch' if url else 'add'} small_arrays"):
        load("small_arrays", datasets=datasets, profile=profile)
    assert stand_ins(["small_arrays"], datasets=datasets) == []


def test_a_stand_in_of_another_kind_is_told(datasets: Path, tmp_path: Path) -> None:
    """Digits cannot stand in for token ids: what trains on the one would not run on the other."""
    array_set(datasets, tmp_path / "elsewhere")

    with pytest.raises(DataError, match=r"makes rows \(28, 28\) of uint8 .* says \(4,\), int64 and 3 classes"):
        load("small_arrays", datasets=datasets)


def test_a_bundled_file_that_is_gone_is_told(datasets: Path) -> None:
    """No command gets it: the course has lost it."""
    array_set(datasets)
    without(datasets, "small_arrays", "standin")
    (datasets / "small_arrays.npz").unlink()

    with pytest.raises(DataError, match=r"belongs beside its card, and .*small_arrays\.npz is not there"):
        load("small_arrays", datasets=datasets)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_phantoms_are_the_same_in_both_profiles(profile: Any) -> None:
    """A set that the course generates is no stand-in: it is whole in every profile, in [0, 1]."""
    found = load("phantoms", datasets=DATASETS, profile=profile)

    assert (found.source, found.train[0].shape, found.unseen[0].shape) == (
        "generated",
        (1000, 3, 32, 32),
        (400, 3, 32, 32),
    )
    assert found.train[0].dtype == np.float32
    assert 0 <= found.train[0].min() < found.train[0].max() <= 1


def test_a_damaged_set_is_not_replaced_by_its_stand_in(datasets: Path, tmp_path: Path) -> None:
    """A file of the set that does not fit is told, even in quick: the owner thinks that the real set is used."""
    idx_set(datasets, tmp_path)
    (tmp_path / "train-X.gz").write_bytes(b"other")

    with pytest.raises(DataError, match="damaged or not the official"):
        load("small_idx", datasets=datasets, data_dir=tmp_path)


def test_an_unknown_profile_is_told() -> None:
    """There are two."""
    with pytest.raises(DataError, match="The profile is 'slow'; it is quick or full"):
        load("mnist", datasets=DATASETS, profile="slow")  # type: ignore[arg-type]


def test_a_balanced_choice_is_even_and_fixed() -> None:
    """Rows differ, classes come as often give or take one, and a class with too few gives all it has."""
    y = np.repeat(np.arange(3), [50, 50, 2])

    chosen = balanced(y, 20, 7)

    assert len(set(chosen.tolist())) == len(chosen)
    assert np.bincount(y[chosen]).tolist() == [7, 7, 2]
    np.testing.assert_array_equal(chosen, balanced(y, 20, 7))
    assert not np.array_equal(chosen, balanced(y, 20, 8))


def test_the_students_half_needs_neither_torch_nor_pytest() -> None:
    """Fetching, adding and loading import the core dependencies only."""
    code = "import sys, grader.data.loaders, grader.data.fetch, grader.data.adopt; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"torch", "pytest", "matplotlib", "sympy", "msgpack"} & set(loaded)


@on_real_data
@pytest.mark.parametrize(
    ("name", "source", "train", "unseen"),
    [
        ("mnist", "official", (6000, 28, 28), (2000, 28, 28)),
        ("mobile_price", "official", (1600, 20), (400, 20)),
    ],
)
def test_the_real_sets_are_read(name: str, source: str, train: tuple[int, ...], unseen: tuple[int, ...]) -> None:
    """What lies beside the checkout fits its card's checksums."""
    found = load(name, datasets=DATASETS, data_dir=REAL)

    assert (found.source, found.train[0].shape, found.unseen[0].shape) == (source, train, unseen)


@on_real_data
def test_the_whole_of_cifar_is_read(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """60,000 pictures with CIFAR's means and spreads; decoded once and kept in pytest's cache for the next run."""
    monkeypatch.setenv("GRADER_CACHE", str(pytestconfig.cache.mkdir("data")))

    found = load("cifar10", datasets=DATASETS, data_dir=REAL, profile="full")

    X, y = found.train
    assert (X.shape, found.unseen[0].shape) == ((50000, 3, 32, 32), (10000, 3, 32, 32))
    assert counts(found.unseen) == [1000] * 10
    np.testing.assert_allclose(X.mean((0, 2, 3)) / 255, [0.491, 0.482, 0.446], atol=0.002)
    np.testing.assert_allclose(X[::50].std((0, 2, 3)) / 255, [0.245, 0.243, 0.261], atol=0.01)
    assert counts((X, y)) == [5000] * 10
