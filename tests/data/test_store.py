"""The cache: made once, opened after that, and never believed when it is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from grader.data.formats import Splits
from grader.data.store import kept

KEY, OTHER = "a" * 64, "a" * 16 + "b" * 48  # the same folder, another source


class Maker:
    """Makes the splits and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Splits:
        self.calls += 1
        return (np.arange(24).reshape(4, 6), np.arange(4)), (np.ones((2, 6)), np.arange(2))


def assert_made(splits: Splits) -> None:
    for (X, y), (right, labels) in zip(splits, Maker()(), strict=True):
        np.testing.assert_array_equal(X, right)
        np.testing.assert_array_equal(y, labels)


def test_the_second_time_nothing_is_made(tmp_path: Path) -> None:
    """What was kept is opened, with the same numbers, and cannot be written to by mistake."""
    make = Maker()

    assert_made(kept(tmp_path, "set", KEY, make))
    again = kept(tmp_path, "set", KEY, make)

    assert_made(again)
    assert make.calls == 1
    assert not again[0][0].flags.writeable


def test_another_source_is_made_again(tmp_path: Path) -> None:
    """The whole key is compared, not only the part that names the folder."""
    make = Maker()
    kept(tmp_path, "set", KEY, make)

    kept(tmp_path, "set", OTHER, make)
    kept(tmp_path, "set", OTHER, make)

    assert make.calls == 2


@pytest.mark.parametrize("name", ["manifest.json", "train_X.npy", "unseen_y.npy"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "other"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, name: str, damage: str) -> None:
    """A file that is gone, empty, cut off or of another kind costs one more making, and is then whole again."""
    make = Maker()
    kept(tmp_path, "set", KEY, make)
    path = tmp_path / f"set-{KEY[:16]}" / name
    contents = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other":
        path.write_text("[]", encoding="utf-8")
    else:
        path.write_bytes(contents[:-8] if damage == "cut" else b"")

    assert_made(kept(tmp_path, "set", KEY, make))
    assert_made(kept(tmp_path, "set", KEY, make))
    assert make.calls == 2


def test_arrays_that_the_manifest_does_not_know_are_not_believed(tmp_path: Path) -> None:
    """Shape and dtype are compared with the manifest."""
    make = Maker()
    kept(tmp_path, "set", KEY, make)
    np.save(tmp_path / f"set-{KEY[:16]}" / "train_X.npy", np.zeros((4, 5)))

    assert_made(kept(tmp_path, "set", KEY, make))
    assert make.calls == 2


def test_no_pickle_in_the_cache_is_opened(tmp_path: Path) -> None:
    """An array of objects would be a pickle: it is made again instead."""
    make = Maker()
    kept(tmp_path, "set", KEY, make)
    folder = tmp_path / f"set-{KEY[:16]}"
    np.save(folder / "train_y.npy", np.array([None], object), allow_pickle=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["arrays"]["train_y"] = {"shape": [1], "dtype": "|O"}
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert_made(kept(tmp_path, "set", KEY, make))
    assert make.calls == 2


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """A file where the cache's folder should be: the arrays come all the same, made each time."""
    make = Maker()
    (tmp_path / "cache").write_text("a file", encoding="utf-8")

    assert_made(kept(tmp_path / "cache", "set", KEY, make))
    assert_made(kept(tmp_path / "cache", "set", KEY, make))
    assert make.calls == 2


def test_nothing_is_left_beside_the_entry(tmp_path: Path) -> None:
    """The entry appears under its name alone; nothing half made stays."""
    kept(tmp_path, "set", KEY, Maker())

    assert [path.name for path in tmp_path.iterdir()] == [f"set-{KEY[:16]}"]
