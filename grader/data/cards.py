"""What is known of a data set before it is opened, one TOML card a set: checksums, shapes, licence, stand-in."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader.data.generate import GENERATORS
from grader.errors import DataError

READERS = {"idx": 4, "cifar": 1, "csv": 1, "npz": 1, "generated": 0}  # how many files: idx has two a split
PACKINGS = ("", "gzip", "text")
DTYPES = ("uint8", "int64", "float32")
FACTS = ("title", "home", "licence", "citation", "reader", "classes", "shape", "dtype", "full", "quick", "standin")
KEYS = (*FACTS, "file", "batch", "images", "columns", "label")


@dataclass(frozen=True)
class File:
    """One file of the official release. `sha256` and `bytes` are of what `packing` leaves when it is undone.

    packing: "" the file as it is; "gzip" its contents, however they were compressed; "text" its lines, each ended by
    a single newline, so that a copy with another system's line ends counts.
    """

    name: str
    sha256: str
    bytes: int
    packing: Literal["", "gzip", "text"]
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """One file of the official archive once it was unpacked, with the publisher's md5."""

    name: str
    md5: str


@dataclass(frozen=True)
class StandIn:
    """What is generated where the real set is missing: a generator of `grader.data.generate` and its arguments."""

    generator: str
    seed: int
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How many rows are trained on and how many are kept unseen."""

    train: int
    unseen: int


@dataclass(frozen=True)
class Card:
    """One data set's facts. `shape` and `dtype` are of one row of X; labels are int64, an index into `classes`."""

    name: str
    title: str
    home: str
    licence: str
    citation: str
    reader: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    full: Sizes
    quick: Sizes
    files: tuple[File, ...]
    batches: tuple[Batch, ...]
    images: str  # the archive of the picture-folder form, "" if there is none
    columns: tuple[str, ...]
    label: str
    standin: StandIn | None  # None: where the set is missing, nothing can stand in for it
    bundled: Path | None  # the file beside the card, NAME.npz, of a set that the course brings along

    @property
    def generated(self) -> bool:
        """True for a set that has no other original than its generator."""
        return self.reader == "generated"

    @property
    def at_hand(self) -> str:
        """Why nobody has to get the set; "" for one that is fetched or added."""
        if self.generated:
            return "the course generates it"
        return "it lies beside its card" if self.bundled else ""

    @property
    def fetchable(self) -> bool:
        return bool(self.files) and all(file.urls for file in self.files)


def card(datasets: Path, name: str) -> Card:
    """The card `datasets/NAME.toml`. Raises DataError for a name without a card and for a broken card."""
    path = datasets / f"{name}.toml"
    known = sorted(p.stem for p in datasets.glob("*.toml"))
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]}?" if near else f"{datasets} has {', '.join(known) or 'no cards'}."
        raise DataError(f"There is no data set {name!r}: {meant}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise DataError(f"{path}: a data set is named in small letters, digits and _, a letter first; rename its card.")
    try:
        return _card(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise DataError(f"{path} cannot be read as TOML: {fault}.") from fault
    except KeyError as fault:
        raise DataError(f"{path}: {fault} is missing.") from fault
    except (TypeError, ValueError) as fault:
        raise DataError(f"{path}: {fault}.") from fault


def cards(datasets: Path) -> dict[str, Card]:
    """Every card of the folder, by name, in the order of names."""
    if not datasets.is_dir():
        raise DataError(f"There is no folder {datasets}: a course keeps its data sets' cards there.")
    return {path.stem: card(datasets, path.stem) for path in sorted(datasets.glob("*.toml"))}


def _card(path: Path, table: Mapping[str, Any]) -> Card:
    reader = _text(table, "reader")
    if reader not in READERS:
        raise ValueError(f"reader is {reader!r}, one of {', '.join(READERS)} was expected")
    if strangers := sorted(table.keys() - KEYS):
        raise ValueError(f"{strangers[0]} is no key of a card; these are: {', '.join(KEYS)}")
    files = tuple(_file(file) for file in table.get("file", []))
    bundled = path.with_suffix(".npz") if reader == "npz" and not files else None
    if bundled is None and len(files) != READERS[reader]:
        raise ValueError(f"it lists {len(files)} files, the reader {reader!r} takes {READERS[reader]}")
    return Card(
        name=path.stem,
        title=_text(table, "title"),
        home=_text(table, "home"),
        licence=_text(table, "licence"),
        citation=_text(table, "citation"),
        reader=reader,
        classes=_classes(table),
        shape=_shape(table),
        dtype=_one_of(table, "dtype", DTYPES),
        full=_sizes(table, "full"),
        quick=_sizes(table, "quick" if "quick" in table else "full"),
        files=files,
        batches=tuple(Batch(_text(batch, "name"), _hex(batch, "md5", 32)) for batch in table.get("batch", [])),
        images=table.get("images", ""),
        columns=_texts(table, "columns") if reader == "csv" else (),
        label=_text(table, "label") if reader == "csv" else "",
        standin=_standin(table["standin"]) if reader == "generated" or "standin" in table else None,
        bundled=bundled,
    )


def _file(table: Mapping[str, Any]) -> File:
    return File(
        name=_text(table, "name"),
        sha256=_hex(table, "sha256", 64),
        bytes=int(table["bytes"]),
        packing=_one_of({"packing": "", **table}, "packing", PACKINGS),  # type: ignore[arg-type]  # one of these it is
        urls=tuple(table.get("urls", [])),
    )


def _standin(table: Mapping[str, Any]) -> StandIn:
    generator = _one_of(table, "generator", tuple(GENERATORS))
    return StandIn(generator, int(table["seed"]), dict(table.get("parameters", {})))


def _sizes(table: Mapping[str, Any], key: str) -> Sizes:
    match table[key]:
        case {"train": int(train), "unseen": int(unseen)}:
            return Sizes(train, unseen)
    raise TypeError(f"{key} is {table[key]!r}, {{ train = ROWS, unseen = ROWS }} was expected")


def _shape(table: Mapping[str, Any]) -> tuple[int, ...]:
    if not isinstance(table["shape"], list) or not all(type(side) is int and side > 0 for side in table["shape"]):
        raise TypeError(f"shape is {table['shape']!r}, a list of lengths was expected, such as [16] or [3, 32, 32]")
    return tuple(table["shape"])


def _classes(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Their names; a number of them, such as the words of a vocabulary, is named after the labels."""
    known = table["classes"]
    return tuple(map(str, range(known))) if type(known) is int else _texts(table, "classes")


def _text(table: Mapping[str, Any], key: str) -> str:
    if not isinstance(table[key], str):
        raise TypeError(f"{key} is {table[key]!r}, a text was expected")
    return str(table[key])


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if not isinstance(table[key], list) or not all(isinstance(entry, str) for entry in table[key]):
        raise TypeError(f"{key} is {table[key]!r}, a list of texts was expected")
    return tuple(table[key])


def _one_of(table: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    if table[key] not in allowed:
        raise ValueError(f"{key} is {table[key]!r}, one of {', '.join(map(repr, allowed))} was expected")
    return str(table[key])


def _hex(table: Mapping[str, Any], key: str, digits: int) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", str(table[key])):
        raise ValueError(f"{key} of {table.get('name')} is {table[key]!r}, {digits} hexadecimal digits were expected")
    return str(table[key])
