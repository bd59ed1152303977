"""`grader data add` and `grader data list`: a copy from elsewhere becomes the user's own, and what is here is told."""

from __future__ import annotations

import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from grader.data.cards import Card, card, cards
from grader.data.loaders import decoded
from grader.data.places import Found, data_home, find, look
from grader.errors import DataError


@dataclass(frozen=True)
class Shelf:
    """One line of `grader data list`. `where` is None and `bytes` 0 where nothing is on disk."""

    name: str
    title: str
    source: Literal["official", "images", "stand-in", "generated", "missing"]
    bytes: int
    licence: str
    home: str
    where: Path | None


def add(name: str, path: Path, *, datasets: Path, console: Console | None = None) -> Found:
    """Take the set from `path` into the user's data folder: a folder that holds it or NAME, its archive, or a zip.

    It is read and checked whole first (which also fills the cache); then its files are hard-linked, or copied where
    links are not possible. Raises DataError if it is not there, incomplete, or damaged.
    """
    known = card(datasets, name)
    if known.at_hand:
        raise DataError(f"{name} cannot be added: {known.at_hand}.")
    if not path.exists():
        raise DataError(f"{path} does not exist: give the folder or archive that holds {name}.")
    if zipfile.is_zipfile(path) and path.name not in {file.name for file in known.files}:  # as every .npz is
        with tempfile.TemporaryDirectory() as folder:
            return _adopt(known, _unzip(known, path, Path(folder)), console)
    return _adopt(known, path, console)


def listing(datasets: Path) -> list[Shelf]:
    """What `load` would use for each card, without opening it: looked for in the user's data folder."""
    shelves = []
    for known in cards(datasets).values():
        found = find(known)
        source = found.source if found else _instead(known)
        size = sum(path.stat().st_size for path in found.files) if found else 0
        where = found.folder if found else None
        shelves.append(Shelf(known.name, known.title, source, size, known.licence, known.home, where))
    return shelves


def _instead(known: Card) -> Literal["stand-in", "generated", "missing"]:
    """What a training gets of a set that lies nowhere."""
    if known.generated:
        return "generated"
    return "stand-in" if known.standin else "missing"


def _adopt(known: Card, path: Path, console: Console | None) -> Found:
    places = [path / known.name, path] if path.is_dir() else [path.parent]
    found = next((found for place in places if (found := look(known, place))), None)
    if found is None or (path.is_file() and path not in found.paths):
        raise DataError(f"{path} does not hold {known.name}: {_wanted(known)} was expected; see {known.home}.")
    decoded(known, found, console)
    home = data_home() / known.name
    for file in found.files:
        _take(file, home / file.relative_to(found.folder))
    return Found(found.source, found.form, tuple(home / p.relative_to(found.folder) for p in found.paths))


def _take(file: Path, target: Path) -> None:
    """Link or copy under a name of its own first, so that no half a file ever has the right name."""
    if target.exists() and target.samefile(file):
        return
    made = target.with_name(target.name + ".adding")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made.unlink(missing_ok=True)
        try:
            os.link(file, made)
        except OSError:  # another disk, or one without links
            shutil.copy2(file, made)
        os.replace(made, target)
    except OSError as fault:
        raise DataError(f"{file} cannot be copied to {target}: {fault.strerror}.") from fault


def _unzip(known: Card, path: Path, folder: Path) -> Path:
    """The card's own files out of a zip (Kaggle's form), each at most as long as the card says."""
    wanted = {file.name: file for file in known.files}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                file = wanted.get(entry.filename.rpartition("/")[2])
                if file is not None and not entry.is_dir():
                    with archive.open(entry) as packed:  # twice the length: other line ends are longer
                        (folder / file.name).write_bytes(packed.read(2 * file.bytes))
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as fault:  # the last: it is locked
        raise DataError(f"{path} cannot be unpacked ({fault}): download it again, or give the folder.") from fault
    return folder


def _wanted(known: Card) -> str:
    names = " and ".join(file.name for file in known.files)
    return f"{names} or {known.images}" if known.images else names
