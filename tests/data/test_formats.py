"""From files to arrays: what was written is read to the bit, and what is damaged is told."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from pathlib import Path

import numpy as np
import pytest

from grader.data.cards import card
from grader.data.formats import idx, read, unpacked
from grader.data.pictures import LARGEST
from grader.data.places import Found, look
from grader.errors import DataError
from tests.data.small_sets import cifar_set, idx_bytes, idx_set, picture_files, pictures_of, table_set
from tests.sample_course import lay
from tests.small_assignment import tarred


def opened(
    datasets: Path, name: str, folder: Path
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    known = card(datasets, name)
    found = look(known, folder)
    assert found is not None
    return read(known, found)


def assert_same(got: tuple[tuple[np.ndarray, np.ndarray], ...], wanted: tuple[np.ndarray, ...]) -> None:
    for array, right in zip((*got[0], *got[1]), wanted, strict=True):
        np.testing.assert_array_equal(array, right)


def by_picture(X: np.ndarray, y: np.ndarray) -> dict[bytes, int]:
    return {pixels.tobytes(): int(label) for pixels, label in zip(X, y, strict=True)}


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files_are_read_zipped_or_not(datasets: Path, tmp_path: Path, zipped: bool) -> None:
    """MNIST's four files give images and int64 labels in the files' order."""
    wanted = idx_set(datasets, tmp_path / "set")
    if not zipped:
        for path in (tmp_path / "set").iterdir():
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()

    got = opened(datasets, "small_idx", tmp_path / "set")

    assert_same(got, wanted)
    assert (got[0][0].dtype, got[0][1].dtype) == (np.uint8, np.int64)


def test_a_differently_compressed_file_is_the_same_file(datasets: Path, tmp_path: Path) -> None:
    """The checksum is of the contents: another compression level or time stamp does not matter."""
    wanted = idx_set(datasets, tmp_path)
    path = tmp_path / "train-X.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=77))

    assert_same(opened(datasets, "small_idx", tmp_path), wanted)


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (gzip.compress(idx_bytes(np.zeros((30, 4, 5), np.uint8))), "damaged or not the official train-X.gz"),
        (gzip.compress(bytes(10**6)), "damaged or not the official train-X.gz"),
        (b"\x1f\x8b broken", "is damaged and cannot be unpacked"),
        (gzip.compress(bytes(500))[:-9], "is damaged and cannot be unpacked"),
    ],
    ids=["another file", "too long", "no gzip", "cut off"],
)
def test_a_damaged_idx_file_is_told(datasets: Path, tmp_path: Path, contents: bytes, sentence: str) -> None:
    """Other contents, a broken archive or half of one: each names the file."""
    idx_set(datasets, tmp_path)
    (tmp_path / "train-X.gz").write_bytes(contents)

    with pytest.raises(DataError, match=sentence) as caught:
        opened(datasets, "small_idx", tmp_path)
    assert "train-X.gz" in str(caught.value)


def test_unpacking_stops_where_the_card_ends(datasets: Path, tmp_path: Path) -> None:
    """A file that swells to much more than the card says is read one byte beyond it and no further."""
    idx_set(datasets, tmp_path)
    (tmp_path / "swollen").write_bytes(gzip.compress(bytes(10**7)))
    file = card(datasets, "small_idx").files[0]

    assert len(unpacked(tmp_path / "swollen", file)) == file.bytes + 1


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x0d\x01" + bytes(8), "not an IDX file of unsigned bytes: it begins with 00000d01"),
        (b"\0\0\x08\x03\0\0", "says that it holds"),
        (idx_bytes(np.zeros((2, 3), np.uint8))[:-1], r"says that it holds \[2, 3\] numbers and holds 5"),
    ],
)
def test_what_is_not_idx_is_told(contents: bytes, sentence: str) -> None:
    """The head is checked against the contents."""
    with pytest.raises(DataError, match=sentence):
        idx(contents, Path("here"))


def test_cifar_is_read_packed_and_unpacked(datasets: Path, tmp_path: Path) -> None:
    """The official archive and its unpacked batches give the same rows in the same order."""
    wanted = cifar_set(datasets, tmp_path)
    with tarfile.open(tmp_path / "small-python.tar.gz") as tar:
        tar.extractall(tmp_path / "unpacked", filter="data")

    assert_same(opened(datasets, "small_cifar", tmp_path), wanted)
    assert_same(opened(datasets, "small_cifar", tmp_path / "unpacked"), wanted)
    assert_same(opened(datasets, "small_cifar", tmp_path / "unpacked" / "cifar-10-batches-py"), wanted)


def test_a_damaged_batch_is_told(datasets: Path, tmp_path: Path) -> None:
    """A changed byte in an unpacked batch is found by its MD5."""
    cifar_set(datasets, tmp_path)
    for name in ("data_batch_1", "data_batch_2", "test_batch"):
        (tmp_path / name).write_bytes(b"other")
    (tmp_path / "small-python.tar.gz").unlink()

    with pytest.raises(DataError, match=r"data_batch_1 in .* is damaged: its MD5 is"):
        opened(datasets, "small_cifar", tmp_path)


def test_an_archive_without_a_batch_is_told(datasets: Path, tmp_path: Path) -> None:
    """If the card's checksum fits an archive that lacks a batch, the batch is named."""
    cifar_set(datasets, tmp_path)
    archive = tmp_path / "small-python.tar.gz"
    archive.write_bytes(tarred({"cifar-10-batches-py/readme.html": b""}, "w:gz"))
    text = (datasets / "small_cifar.toml").read_text()
    old = card(datasets, "small_cifar").files[0].sha256
    (datasets / "small_cifar.toml").write_text(text.replace(old, hashlib.sha256(archive.read_bytes()).hexdigest()))

    with pytest.raises(DataError, match="has no data_batch_1"):
        opened(datasets, "small_cifar", tmp_path)


def test_pictures_are_read_from_folder_and_archive_alike(datasets: Path, tmp_path: Path) -> None:
    """Both forms hold the same rows in the same order, whatever the order in the archive."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    files = pictures_of(X, y, U, v)
    lay(tmp_path / "folder", files)
    backwards = {"readme.txt": b"hello", "train/ant/.hidden.png": b"x"} | dict(reversed(files.items()))
    lay(tmp_path / "packed", {"small-images.tar.xz": tarred(backwards, "w:xz")})

    folder = opened(datasets, "small_cifar", tmp_path / "folder")
    packed = opened(datasets, "small_cifar", tmp_path / "packed")

    assert_same(folder, (*packed[0], *packed[1]))
    assert by_picture(*folder[0]) == by_picture(X, y)
    assert by_picture(*folder[1]) == by_picture(U, v)
    assert np.any(np.diff(folder[0][1]) < 0)  # the classes are mixed, as in the official archive


def test_a_folder_around_the_pictures_does_not_matter(datasets: Path, tmp_path: Path) -> None:
    """An archive may hold cifar10/train/... as well as train/..."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    files = pictures_of(X, y, U, v)
    around = {f"./cifar10/{name}": data for name, data in files.items()}
    lay(tmp_path, {"small-images.tar.xz": tarred(around, "w:xz")})

    assert by_picture(*opened(datasets, "small_cifar", tmp_path)[0]) == by_picture(X, y)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"train/dog/0000.png": b"x"}, "has a class 'dog'"),
        ({"train/ant/9999.png": b"x"}, "has more than 30 pictures in train"),
        ({"train/ant/0000.png": b"x"}, "is not a picture that can be read"),
        ({"train/ant/0000.png": bytes(LARGEST + 1)}, "too many for one small picture"),
        ({"train/ant/0000.png": None}, r"holds \(29, 3, 8, 8\) with \(29,\) labels; \(30, 3, 8, 8\) was expected"),
    ],
)
def test_pictures_that_do_not_fit_are_told(
    datasets: Path, tmp_path: Path, change: dict[str, bytes | None], sentence: str
) -> None:
    """A strange class, too many or too few pictures, or one that cannot be read is named with its place."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    files = picture_files(U, v, "test") | picture_files(X, y, "train") | change
    whole = {name: data for name, data in files.items() if data is not None}
    lay(tmp_path, {"small-images.tar.xz": tarred(whole, "w:xz")})

    with pytest.raises(DataError, match=sentence):
        opened(datasets, "small_cifar", tmp_path)


def test_a_picture_of_another_size_is_told(datasets: Path, tmp_path: Path) -> None:
    """Sizes are looked at before a picture is decoded."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    lay(tmp_path, pictures_of(X, y, U, v))
    lay(tmp_path, picture_files(np.zeros((1, 3, 8, 9), np.uint8), y[:1], "train"))

    with pytest.raises(DataError, match=r"train/ant/0000\.png in .* has 9 x 8 pixels; 8 x 8 were expected"):
        opened(datasets, "small_cifar", tmp_path)


def test_half_an_archive_of_pictures_is_told(datasets: Path, tmp_path: Path) -> None:
    """An archive that was cut off does not pass as a smaller set."""
    X, y, U, v = cifar_set(datasets, tmp_path / "official")
    whole = tarred(pictures_of(X, y, U, v), "w:xz")
    lay(tmp_path, {"small-images.tar.xz": whole[: len(whole) // 2]})

    with pytest.raises(DataError, match="is damaged and cannot be unpacked"):
        opened(datasets, "small_cifar", tmp_path)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_is_read_with_any_line_ends(datasets: Path, tmp_path: Path, ends: str) -> None:
    """Columns become float32, the label int64; Windows's line ends are no damage."""
    X, y = table_set(datasets, tmp_path)
    path = tmp_path / "table.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", ends.encode()))

    (got, labels), _ = opened(datasets, "small_table", tmp_path)

    np.testing.assert_array_equal(got, X)
    np.testing.assert_array_equal(labels, y)
    assert (got.dtype, labels.dtype) == (np.float32, np.int64)


def test_a_changed_table_is_told(datasets: Path, tmp_path: Path) -> None:
    """One digit more, and the checksum does not fit."""
    table_set(datasets, tmp_path)
    path = tmp_path / "table.csv"
    path.write_bytes(path.read_bytes() + b"1,2,0\n")

    with pytest.raises(DataError, match="is damaged or not the official"):
        opened(datasets, "small_table", tmp_path)


def refitted(datasets: Path, path: Path, contents: bytes) -> None:
    """Write the table anew and its checksum into the card."""
    text = (datasets / "small_table.toml").read_text()
    old = card(datasets, "small_table").files[0].sha256
    path.write_bytes(contents)
    (datasets / "small_table.toml").write_text(text.replace(old, hashlib.sha256(contents).hexdigest()))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((b"kind\n", b"kind\nx,1,2\n"), "a cell that is not a number, or a row too short"),
        ((b"kind\n", b"kind\n1,2\n"), "a cell that is not a number, or a row too short"),
        ((b"kind\n", b"kind\n1,2,0\n"), r"holds \(43, 2\)"),
        ((b",2\n", b",7\n"), "has labels from 0 to 7; small_table has 3 classes"),
    ],
)
def test_a_table_that_does_not_fit_its_card_is_told(
    datasets: Path, tmp_path: Path, change: tuple[bytes, bytes], sentence: str
) -> None:
    """A card with the right checksum of a wrong table is caught by counts and labels."""
    table_set(datasets, tmp_path)
    path = tmp_path / "table.csv"
    refitted(datasets, path, path.read_bytes().replace(*change))

    with pytest.raises(DataError, match=sentence):
        opened(datasets, "small_table", tmp_path)


def test_a_file_that_cannot_be_read_is_told(datasets: Path, tmp_path: Path) -> None:
    """A folder where a file should be, or no right to read it, is one sentence."""
    table_set(datasets, tmp_path)
    (tmp_path / "folder").mkdir()

    with pytest.raises(DataError, match="folder cannot be read"):
        read(card(datasets, "small_table"), Found("official", "csv", (tmp_path / "folder",)))
