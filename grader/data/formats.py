"""From the files of a release to arrays: IDX, CIFAR's batches, pictures, a CSV table, numpy's own, all checked."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
import math
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from grader.data.arrays import read_arrays
from grader.data.batches import read_batch
from grader.data.cards import Card, File
from grader.data.pictures import read_archive, read_folder
from grader.data.places import Found
from grader.data.raster import Rows
from grader.errors import DataError

Splits = tuple[Rows, Rows]  # (train, unseen), each (X, y)


def read(card: Card, found: Found, console: Console | None = None) -> Splits:
    """Train and unseen rows of a copy, with the card's shapes and dtypes.

    A CSV table comes back whole as the first split, the second empty: it is split by the loader.
    Raises DataError if a checksum, a count or the contents do not fit the card.
    """
    with _sentences(found.paths[0]):
        match found.form:
            case "idx":
                parts = [idx(checked(path, file), path) for path, file in zip(found.paths, card.files, strict=True)]
                splits = (parts[0], parts[1].astype(np.int64)), (parts[2], parts[3].astype(np.int64))
            case "csv":
                rows = _table(card, checked(found.paths[0], card.files[0]).decode())
                splits = rows, (rows[0][:0], rows[1][:0])
            case "npz":
                (path,) = found.paths
                splits = read_arrays(checked(path, card.files[0]) if card.files else path.read_bytes(), path)
            case "cifar archive":
                checked(found.paths[0], card.files[0])
                splits = _batches(card, _members(card, found.paths[0]), found.paths[0])
            case "cifar batches":
                splits = _batches(card, {path.name: path.read_bytes() for path in found.paths}, found.folder)
            case "image archive":
                splits = read_archive(card, found.paths[0], console)
            case "image folder":
                splits = read_folder(card, found.folder, console)
    _fits(card, splits, found.paths[0])
    return splits


def checked(path: Path, file: File) -> bytes:
    """The file's contents, its packing undone, once they have the card's SHA-256; DataError if they have not."""
    with _sentences(path):
        contents = unpacked(path, file)
    got = hashlib.sha256(contents).hexdigest()
    if got != file.sha256:
        raise DataError(
            f"{path} is damaged or not the official {file.name}: its SHA-256 begins with {got[:12]}, "
            f"{file.sha256[:12]} was expected; delete it and get it again."
        )
    return contents


def unpacked(path: Path, file: File) -> bytes:
    """What the card's checksum is of; see `File.packing`."""
    contents = path.read_bytes()
    if file.packing == "gzip" and contents[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(contents)) as packed:
            return packed.read(file.bytes + 1)  # one more than there should be: enough to see that it does not fit
    if file.packing == "text":
        return b"".join(line.rstrip() + b"\n" for line in contents.splitlines())
    return contents


def idx(contents: bytes, path: Path) -> NDArray[np.uint8]:
    """An IDX array of bytes: two zero bytes, type 8, the number of axes, their lengths (big-endian), the data."""
    if contents[:3] != b"\0\0\x08" or len(contents) < 4:
        raise DataError(f"{path} is not an IDX file of unsigned bytes: it begins with {contents[:4].hex()}.")
    start = 4 + 4 * contents[3]
    shape = [int.from_bytes(contents[k : k + 4]) for k in range(4, start, 4)]
    if len(contents) - start != math.prod(shape):
        raise DataError(f"{path} says that it holds {shape} numbers and holds {max(len(contents) - start, 0)}.")
    return np.frombuffer(contents, np.uint8, offset=start).reshape(shape).copy()


def _members(card: Card, archive: Path) -> dict[str, bytes]:
    wanted = {batch.name for batch in card.batches}
    found = {}
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            name = member.name.rpartition("/")[2]
            file = tar.extractfile(member) if member.isreg() and name in wanted else None
            if file is not None:
                found[name] = file.read()
    return found


def _batches(card: Card, contents: dict[str, bytes], where: Path) -> Splits:
    parts: list[Rows] = []
    for batch in card.batches:
        if batch.name not in contents:
            raise DataError(f"{where} has no {batch.name}: get it again.")
        got = hashlib.md5(contents[batch.name], usedforsecurity=False).hexdigest()
        if got != batch.md5:
            raise DataError(
                f"{batch.name} in {where} is damaged: its MD5 is {got}, {batch.md5} was expected; get it again."
            )
        parts.append(read_batch(contents[batch.name], card.shape, f"{batch.name} in {where}"))
    X, y = (np.concatenate(column) for column in zip(*parts[:-1], strict=True))
    return (X, y), parts[-1]  # the card lists the test batch last


def _table(card: Card, text: str) -> Rows:
    try:
        values = np.array([[float(cell) for cell in row] for row in list(csv.reader(io.StringIO(text)))[1:]])
        return values[:, :-1].astype(np.float32), values[:, -1].astype(np.int64)
    except (ValueError, IndexError) as fault:
        raise DataError(
            f"The table of {card.name} has a cell that is not a number, or a row too short: {fault}."
        ) from fault


def _fits(card: Card, splits: Splits, where: Path) -> None:
    whole = card.full.train + card.full.unseen
    wanted = (whole, 0) if card.reader == "csv" else (card.full.train, card.full.unseen)
    mend = "mend the file or its card" if card.reader == "npz" else "get it again"
    for (X, y), rows, what in zip(splits, wanted, ("", "unseen "), strict=True):
        if X.shape != (rows, *card.shape) or y.shape != (rows,):
            raise DataError(
                f"{where} holds {what}{X.shape} with {y.shape} labels; {(rows, *card.shape)} was expected: {mend}."
            )
        if X.dtype != card.dtype:
            raise DataError(f"{where} holds {what}rows of {X.dtype}; {card.dtype} was expected: {mend}.")
        if rows and not 0 <= y.min() <= y.max() < len(card.classes):
            raise DataError(
                f"{where} has labels from {y.min()} to {y.max()}; {card.name} has {len(card.classes)} classes."
            )


@contextmanager
def _sentences(where: Path) -> Iterator[None]:
    """What the libraries say of a broken file, as one sentence."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, UnicodeDecodeError, gzip.BadGzipFile) as fault:
        raise DataError(f"{where} is damaged and cannot be unpacked ({fault}): get it again.") from fault
    except OSError as fault:
        raise DataError(f"{fault.filename or where} cannot be read: {fault.strerror or fault}.") from fault
