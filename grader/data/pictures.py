"""An image set as pictures: `train/<class>/0000.jpg`, `test/<class>/0000.jpg`, in a folder or in a tar archive."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from grader.data.cards import Card
from grader.data.places import pictures
from grader.data.progress import Slow
from grader.data.raster import Rows, stream
from grader.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png")
LARGEST = 1 << 20  # bytes of one picture's file: a 32 x 32 JPEG has about a thousand
ORDER = 10  # the key of the fixed order that rows are put into: as sorted, a batch would hold one class

Member = tuple[str, int, Callable[[], bytes]]  # name, bytes, its contents


def read_folder(card: Card, folder: Path, console: Console | None = None) -> tuple[Rows, Rows]:
    """Train and unseen rows of a folder of pictures; see `_decode`."""
    members = ((p.relative_to(folder).as_posix(), p.stat().st_size, p.read_bytes) for p in pictures(folder))
    return _decode(card, members, folder, console)


def read_archive(card: Card, archive: Path, console: Console | None = None) -> tuple[Rows, Rows]:
    """The same rows in the same order from a tar archive, which is read as a stream and never unpacked to disk."""

    def members() -> Iterator[Member]:
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is not None:
                    yield member.name, member.size, file.read

    return _decode(card, members(), archive, console)


def _decode(card: Card, members: Iterator[Member], where: Path, console: Console | None) -> tuple[Rows, Rows]:
    """X `(n, 3, height, width) uint8` and y `(n,) int64` of each split, in one fixed order that mixes the classes.

    What is not `train/<class>/<picture>` or `test/<class>/<picture>` is passed over. Raises DataError for a picture of
    another size, an unknown class, or more pictures than the card says.
    """
    sizes = {"train": card.full.train, "test": card.full.unseen}
    X = {split: np.empty((n, *card.shape), np.uint8) for split, n in sizes.items()}
    names: dict[str, list[tuple[str, str]]] = {"train": [], "test": []}
    with Slow(console, f"Reading {card.name}", sum(sizes.values())) as bar:
        for name, size, data in members:
            split, kind, file = ("", "", *PurePosixPath(name).parts)[-3:]
            if split not in sizes or file.startswith(".") or not file.lower().endswith(SUFFIXES):
                continue
            if kind not in card.classes:
                raise DataError(f"{where} has a class {kind!r} in {name}; {card.name} has {', '.join(card.classes)}.")
            if size > LARGEST:
                raise DataError(f"{name} in {where} has {size:,} bytes: too many for one small picture.")
            row = len(names[split])
            if row == sizes[split]:
                raise DataError(f"{where} has more than {row} pictures in {split}: {card.name} has exactly as many.")
            X[split][row] = _picture(data(), card.shape, f"{name} in {where}")
            names[split].append((kind, file))
            bar.advance(1)
    return _ordered(card, X["train"], names["train"]), _ordered(card, X["test"], names["test"])


def _ordered(card: Card, X: NDArray[np.uint8], names: list[tuple[str, str]]) -> Rows:
    """Sorted by class and name, then shuffled by a fixed key: the order of the archive or the disk does not matter."""
    order = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    order = stream(ORDER).permutation(order)
    y = np.array([card.classes.index(kind) for kind, _ in names], np.int64)
    return X[order], y[order]


def _picture(data: bytes, shape: tuple[int, ...], where: str) -> NDArray[np.uint8]:
    _, height, width = shape
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.size != (width, height):
                raise DataError(
                    f"{where} has {image.size[0]} x {image.size[1]} pixels; {width} x {height} were expected."
                )
            return np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    except (OSError, SyntaxError, ValueError) as fault:  # what pillow raises for broken files
        raise DataError(f"{where} is not a picture that can be read: {fault}.") from fault
