"""Where sets are looked for, and how a copy is told from another."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from grader.data.cards import card
from grader.data.places import Found, cache_home, data_home, find, fingerprint, look
from grader.errors import DataError
from tests.data.small_sets import DATASETS, array_set, cifar_set, idx_set, pictures_of, table_set
from tests.sample_course import lay
from tests.small_assignment import tarred


def test_the_environment_names_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GRADER_DATA and GRADER_CACHE win; without them the system's own places for dlgrader are used."""
    assert (data_home(), cache_home()) == (tmp_path / "home", tmp_path / "cache")

    monkeypatch.delenv("GRADER_DATA")
    monkeypatch.delenv("GRADER_CACHE")
    assert data_home() != cache_home()
    assert "dlgrader" in str(data_home())
    assert "dlgrader" in str(cache_home())


def test_the_given_folder_comes_before_the_users_own(datasets: Path, tmp_path: Path) -> None:
    """DIR/NAME first, then DIR itself, then the user's data folder."""
    given, known_home = tmp_path / "given", tmp_path / "home" / "small_idx"
    idx_set(datasets, known_home)
    known = card(datasets, "small_idx")
    given.mkdir()

    def where() -> Path:
        found = find(known, given)
        assert found is not None
        return found.folder

    assert where() == known_home
    idx_set(datasets, given)
    assert where() == given
    idx_set(datasets, given / "small_idx")
    assert where() == given / "small_idx"


def test_a_set_that_lacks_a_file_is_not_there(datasets: Path, tmp_path: Path) -> None:
    """Three of four files are no set."""
    idx_set(datasets, tmp_path / "set")
    (tmp_path / "set" / "test-y.gz").unlink()

    assert look(card(datasets, "small_idx"), tmp_path / "set") is None


def test_the_official_form_comes_before_pictures(datasets: Path, tmp_path: Path) -> None:
    """Of two forms in one folder the publisher's own is taken, and the packed pictures before the loose."""
    X, y, U, v = cifar_set(datasets, tmp_path)
    pictures = pictures_of(X, y, U, v)
    lay(tmp_path, pictures | {"small-images.tar.xz": tarred(pictures, "w:xz")})
    known = card(datasets, "small_cifar")

    def form() -> tuple[str, str]:
        found = look(known, tmp_path)
        assert found is not None
        return found.source, found.form

    assert form() == ("official", "cifar archive")
    (tmp_path / "small-python.tar.gz").unlink()
    assert form() == ("images", "image archive")
    (tmp_path / "small-images.tar.xz").unlink()
    assert form() == ("images", "image folder")


def test_another_table_of_the_same_name_is_passed_over(datasets: Path, tmp_path: Path) -> None:
    """A CSV file counts by its first line, not by its name alone."""
    table_set(datasets, tmp_path / "mine")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "bytes").mkdir()
    (tmp_path / "bytes" / "table.csv").write_bytes(b"\xff\xfe\x00")
    known = card(datasets, "small_table")

    assert look(known, tmp_path) is None
    assert look(known, tmp_path / "bytes") is None
    assert look(known, tmp_path / "mine") is not None


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """--data with a name that is no folder is a slip, not an empty folder."""
    with pytest.raises(DataError, match=r"--data .*nowhere is not a folder"):
        find(card(DATASETS, "mnist"), tmp_path / "nowhere")


def test_a_bundled_set_lies_beside_its_card_and_nowhere_else(datasets: Path, tmp_path: Path) -> None:
    """Whatever --data and the user's folder hold: the course's own file is the one that is graded with."""
    array_set(datasets)
    array_set(tmp_path / "others", tmp_path / "home" / "small_arrays")
    known = card(datasets, "small_arrays")

    assert find(known, tmp_path / "home") == Found("official", "npz", (datasets / "small_arrays.npz",))
    (datasets / "small_arrays.npz").unlink()
    assert find(known, tmp_path / "home") is None


def test_a_generated_set_lies_nowhere(tmp_path: Path) -> None:
    """There is nothing to look for."""
    assert find(card(DATASETS, "phantoms"), tmp_path) is None


def test_a_fingerprint_changes_with_the_files(datasets: Path, tmp_path: Path) -> None:
    """Other bytes in a file, another file or another time in a folder of pictures: another copy."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    lay(tmp_path / "loose", pictures_of(X, y, U, v))
    known = card(datasets, "small_cifar")
    packed, loose = look(known, tmp_path / "official"), look(known, tmp_path / "loose")
    assert packed is not None
    assert loose is not None
    before = fingerprint(packed), fingerprint(loose)
    assert (fingerprint(packed), fingerprint(loose)) == before

    packed.paths[0].write_bytes(b"other")
    picture = tmp_path / "loose" / "train" / "ant" / "0000.png"
    os.utime(picture, (1, 1))

    assert fingerprint(packed) != before[0]
    assert fingerprint(loose) != before[1]


def test_a_copy_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """No right to read a file, or a folder in its place, is one sentence."""
    with pytest.raises(DataError, match=f"{re.escape(str(tmp_path))} cannot be read: "):
        fingerprint(Found("official", "cifar archive", (tmp_path,)))
