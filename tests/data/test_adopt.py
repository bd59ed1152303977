"""Adding a set from elsewhere, and the list of what is here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.data.adopt import add, listing
from grader.data.loaders import load
from grader.errors import DataError
from tests.data.small_sets import (
    DATASETS,
    array_set,
    cifar_set,
    idx_set,
    pictures_of,
    table_set,
    without,
)
from tests.sample_course import lay
from tests.small_assignment import zipped


def pictures(datasets: Path, folder: Path) -> dict[str, bytes]:
    """A folder of pictures of `small_cifar`, and its files."""
    X, y, U, v = cifar_set(datasets, folder.with_name("official"))
    files = pictures_of(X, y, U, v)
    lay(folder, files)
    return files


@pytest.mark.parametrize("place", ["set", "", "set/train-X.gz"])
def test_a_set_is_added_from_where_it_lies(datasets: Path, tmp_path: Path, place: str) -> None:
    """From its folder, the folder around a folder of its name, or one of its files; after that it is found."""
    idx_set(datasets, tmp_path / "disk" / ("small_idx" if not place else place.split("/")[0]))

    found = add("small_idx", tmp_path / "disk" / place, datasets=datasets)

    assert found.folder == tmp_path / "home" / "small_idx"
    assert load("small_idx", datasets=datasets, profile="full").source == "official"


def test_adding_twice_is_no_fault(datasets: Path, tmp_path: Path) -> None:
    """The second time, and from the data folder itself, nothing changes."""
    idx_set(datasets, tmp_path / "disk")
    first = add("small_idx", tmp_path / "disk", datasets=datasets)

    assert add("small_idx", tmp_path / "disk", datasets=datasets) == first
    assert add("small_idx", first.folder, datasets=datasets) == first


def test_files_are_linked_where_the_disk_allows(datasets: Path, tmp_path: Path) -> None:
    """On one disk a set is not stored twice."""
    idx_set(datasets, tmp_path / "disk")

    found = add("small_idx", tmp_path / "disk", datasets=datasets)

    assert all(path.samefile(tmp_path / "disk" / path.name) for path in found.paths)


def test_files_are_copied_where_links_are_not_possible(
    datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another disk the bytes are copied."""

    def no_link(*_: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", no_link)
    idx_set(datasets, tmp_path / "disk")

    found = add("small_idx", tmp_path / "disk", datasets=datasets)

    assert [path.read_bytes() for path in found.paths] == [
        (tmp_path / "disk" / path.name).read_bytes() for path in found.paths
    ]
    assert not any(path.samefile(tmp_path / "disk" / path.name) for path in found.paths)


def test_a_folder_of_pictures_is_added_and_decoded_once(
    datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adding decodes the pictures to check them; loading them later does not decode them again."""
    files = pictures(datasets, tmp_path / "disk")
    lay(tmp_path / "disk", {"other/folder/notes.txt": b"not ours"})

    found = add("small_cifar", tmp_path / "disk", datasets=datasets)
    monkeypatch.setattr("grader.data.loaders.read", None)
    loaded = load("small_cifar", datasets=datasets)

    assert loaded.source == "images"
    assert sorted(p.relative_to(found.folder).as_posix() for p in found.folder.glob("*/*/*")) == sorted(files)


def test_a_zip_from_the_publisher_is_added(datasets: Path, tmp_path: Path) -> None:
    """Kaggle sends archive.zip: the card's file is taken out of it, and nothing else."""
    table_set(datasets, tmp_path / "made")
    table = (tmp_path / "made" / "table.csv").read_bytes()
    (tmp_path / "archive.zip").write_bytes(zipped({"some/folder/table.csv": table, "../evil.txt": b"x"}))

    found = add("small_table", tmp_path / "archive.zip", datasets=datasets)

    assert [path.name for path in found.folder.iterdir()] == ["table.csv"]
    assert load("small_table", datasets=datasets, profile="full").source == "official"


@pytest.mark.parametrize("how", ["a byte changed", "locked"])
def test_a_zip_that_cannot_be_unpacked_is_told(datasets: Path, tmp_path: Path, how: str) -> None:
    """Damaged on the way, or with a password."""
    table_set(datasets, tmp_path / "made")
    content = bytearray(zipped({"table.csv": (tmp_path / "made" / "table.csv").read_bytes()}))
    if how == "locked":
        content[content.index(b"PK\1\2") + 8] |= 1
        content[6] |= 1
    else:
        content[30 + len("table.csv")] ^= 0xFF
    (tmp_path / "archive.zip").write_bytes(content)

    with pytest.raises(DataError, match=r"archive\.zip cannot be unpacked \(.+\): download it again"):
        add("small_table", tmp_path / "archive.zip", datasets=datasets)


@pytest.mark.parametrize("how", ["the file", "a zip of it"])
def test_a_file_of_arrays_is_added(datasets: Path, tmp_path: Path, how: str) -> None:
    """numpy's file is a zip itself, and taken as it is; in a zip it is looked for as every file is."""
    array_set(datasets, tmp_path / "made")
    given = tmp_path / "made" / "small_arrays.npz"
    if how == "a zip of it":
        given = tmp_path / "archive.zip"
        given.write_bytes(zipped({"folder/small_arrays.npz": (tmp_path / "made" / "small_arrays.npz").read_bytes()}))

    add("small_arrays", given, datasets=datasets)

    assert load("small_arrays", datasets=datasets, profile="full").source == "official"


def test_a_damaged_set_is_not_taken(datasets: Path, tmp_path: Path) -> None:
    """It is checked before it is taken: the data folder stays empty."""
    idx_set(datasets, tmp_path / "disk")
    (tmp_path / "disk" / "test-y.gz").write_bytes(b"other")

    with pytest.raises(DataError, match=r"test-y\.gz is damaged or not the official"):
        add("small_idx", tmp_path / "disk", datasets=datasets)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["small_idx", "small_cifar"])
def test_a_folder_without_the_set_is_told(datasets: Path, tmp_path: Path, name: str) -> None:
    """The sentence says what was expected and where it comes from."""
    idx_set(datasets, tmp_path / "made")
    cifar_set(datasets, tmp_path / "made")
    (tmp_path / "empty").mkdir()

    with pytest.raises(DataError, match=rf"empty does not hold {name}: .* was expected; see https://example\.org/home"):
        add(name, tmp_path / "empty", datasets=datasets)


def test_a_file_that_is_not_of_the_set_is_told(datasets: Path, tmp_path: Path) -> None:
    """A set beside the file that was named is not meant."""
    idx_set(datasets, tmp_path)
    (tmp_path / "other.gz").write_bytes(b"other")

    with pytest.raises(DataError, match=r"other\.gz does not hold small_idx"):
        add("small_idx", tmp_path / "other.gz", datasets=datasets)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A slip in the path is not an empty folder."""
    with pytest.raises(DataError, match="nowhere does not exist: give the folder or archive that holds mnist"):
        add("mnist", tmp_path / "nowhere", datasets=DATASETS)


def test_a_generated_set_cannot_be_added(tmp_path: Path) -> None:
    """There is nothing to add."""
    with pytest.raises(DataError, match="phantoms cannot be added: the course generates it"):
        add("phantoms", tmp_path, datasets=DATASETS)


def test_a_bundled_set_cannot_be_added(datasets: Path, tmp_path: Path) -> None:
    """Its file is the course's own."""
    array_set(datasets)

    with pytest.raises(DataError, match="small_arrays cannot be added: it lies beside its card"):
        add("small_arrays", tmp_path, datasets=datasets)


def test_a_data_folder_that_cannot_be_written_is_told(datasets: Path, tmp_path: Path) -> None:
    """A file where the data folder should be."""
    idx_set(datasets, tmp_path / "disk")
    (tmp_path / "home").write_text("a file", encoding="utf-8")

    with pytest.raises(DataError, match=r"train-X\.gz cannot be copied to .*home"):
        add("small_idx", tmp_path / "disk", datasets=datasets)


def test_the_list_says_what_is_here(datasets: Path, tmp_path: Path) -> None:
    """Official, pictures, or a stand-in only; with size, licence and place."""
    idx_set(datasets, tmp_path / "home" / "small_idx")
    files = pictures(datasets, tmp_path / "home" / "small_cifar")
    table_set(datasets, tmp_path / "elsewhere")

    shelves = {shelf.name: shelf for shelf in listing(datasets)}

    assert {name: shelf.source for name, shelf in shelves.items()} == {
        "small_cifar": "images",
        "small_idx": "official",
        "small_table": "stand-in",
    }
    assert shelves["small_cifar"].bytes == sum(map(len, files.values()))
    assert shelves["small_cifar"].where == tmp_path / "home" / "small_cifar"
    assert (shelves["small_table"].bytes, shelves["small_table"].where) == (0, None)
    assert shelves["small_idx"].licence == "CC0"


def test_the_list_says_what_nothing_stands_in_for(datasets: Path, tmp_path: Path) -> None:
    """Without a stand-in a set that is not here is missing; beside its card it is here."""
    array_set(datasets, tmp_path / "elsewhere")
    without(datasets, "small_arrays", "standin")
    assert [(shelf.source, shelf.where) for shelf in listing(datasets)] == [("missing", None)]

    array_set(datasets)
    assert [(shelf.source, shelf.where) for shelf in listing(datasets)] == [("official", datasets)]


def test_the_list_of_the_course_has_its_phantoms() -> None:
    """On a machine without any set: three stand-ins, and the set that needs none."""
    sources = {shelf.name: shelf.source for shelf in listing(DATASETS)}

    assert sources == {"cifar10": "stand-in", "mnist": "stand-in", "mobile_price": "stand-in", "phantoms": "generated"}
