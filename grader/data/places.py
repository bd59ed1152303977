"""Where data sets lie: the folder that a run was given, the user's own data folder, and the cache of decoded arrays."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_dir, user_data_dir

from grader.data.cards import Card
from grader.errors import DataError

Form = Literal["idx", "cifar archive", "cifar batches", "image archive", "image folder", "csv", "npz"]


@dataclass(frozen=True)
class Found:
    """One copy of a set as it lies on disk: its files in the card's order, or one folder of pictures."""

    source: Literal["official", "images"]
    form: Form
    paths: tuple[Path, ...]

    @property
    def folder(self) -> Path:
        return self.paths[0] if self.form == "image folder" else self.paths[0].parent

    @property
    def files(self) -> Sequence[Path]:
        """Every file of the copy, each picture too."""
        return pictures(self.folder) if self.form == "image folder" else self.paths


def data_home() -> Path:
    """The user's data folder: $GRADER_DATA, else the system's place for dlgrader."""
    return Path(os.environ.get("GRADER_DATA") or user_data_dir("dlgrader", appauthor=False))


def cache_home() -> Path:
    """The cache: $GRADER_CACHE, else the system's place for dlgrader. Everything in it can be made again."""
    return Path(os.environ.get("GRADER_CACHE") or user_cache_dir("dlgrader", appauthor=False))


def require_folder(folder: Path | None) -> None:
    """Refuse a `--data` that is not there, before anything is graded or planned without it."""
    if folder is not None and not folder.is_dir():
        raise DataError(f"--data {folder} is not a folder: give the one that holds the data sets.")


def find(card: Card, data_dir: Path | None = None) -> Found | None:
    """The set beside its card, or in DIR/NAME, DIR, or the user's data folder, in this order; None if it is not there.

    Presence only: checksums are compared when the set is read. Raises DataError if `data_dir` is not a folder.
    """
    require_folder(data_dir)
    if card.bundled is not None:
        return Found("official", "npz", (card.bundled,)) if card.bundled.is_file() else None
    places = [data_home() / card.name]
    if data_dir is not None:
        places = [data_dir / card.name, data_dir, *places]
    return next((found for place in places if (found := look(card, place))), None)


def look(card: Card, place: Path) -> Found | None:
    """The set in exactly this folder, the official form first."""
    match card.reader:
        case "idx":
            files = [_first(place / file.name, place / file.name.removesuffix(".gz")) for file in card.files]
            return Found("official", "idx", tuple(p for p in files if p)) if all(files) else None
        case "csv":
            table = place / card.files[0].name
            return Found("official", "csv", (table,)) if _header(table) == [*card.columns, card.label] else None
        case "npz":
            file = place / card.files[0].name
            return Found("official", "npz", (file,)) if file.is_file() else None
        case "cifar":
            archive = place / card.files[0].name
            if archive.is_file():
                return Found("official", "cifar archive", (archive,))
            for folder in (place, place / "cifar-10-batches-py"):
                batches = tuple(folder / batch.name for batch in card.batches)
                if all(batch.is_file() for batch in batches):
                    return Found("official", "cifar batches", batches)
            packed = place / card.images
            if card.images and packed.is_file():
                return Found("images", "image archive", (packed,))
            if all((place / split / name).is_dir() for split in ("train", "test") for name in card.classes):
                return Found("images", "image folder", (place,))
    return None


def fingerprint(found: Found) -> str:
    """A SHA-256 that changes with the copy: of the files' bytes, or of a picture folder's names, sizes and times."""
    whole = hashlib.sha256(found.form.encode())
    try:
        for path in found.files:
            if found.form == "image folder":
                facts, name = path.stat(), path.relative_to(found.folder).as_posix()
                whole.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
            else:
                with path.open("rb") as file:
                    whole.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as fault:
        raise DataError(f"{fault.filename} cannot be read: {fault.strerror}.") from fault
    return whole.hexdigest()


def pictures(folder: Path) -> list[Path]:
    """The files of a picture folder, train/CLASS/FILE and test/CLASS/FILE, in the order of their names."""
    return sorted(path for split in ("train", "test") for path in folder.glob(f"{split}/*/*") if path.is_file())


def _first(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
