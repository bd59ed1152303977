"""One call from a data set's name to arrays: the real set where it is here, its stand-in in quick where it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from grader.data.cards import Card, Sizes, StandIn, card
from grader.data.formats import Splits, read
from grader.data.generate import generate, recipe
from grader.data.places import Found, cache_home, data_home, find, fingerprint
from grader.data.raster import Rows, stream
from grader.data.store import kept
from grader.errors import DataError
from grader.phrases import phrase
from grader.records import Text

AS_THEY_ARE = ("csv", "npz")  # readers that decode nothing, so that a cache would gain nothing
SPLIT, TRAIN, UNSEEN = 1, 2, 3  # keys of the fixed choices: a table's split, and each split's quick rows


@dataclass(frozen=True)
class Dataset:
    """What a training gets. `train`, `unseen`: (X, y), X as the card says, y `(n,) int64`, an index into `classes`.

    source: "official", the publisher's release or the course's own file; "images", the same pictures re-encoded;
    "stand-in", generated because the real set is not here; "generated", by the course: it has no other original.
    """

    name: str
    classes: tuple[str, ...]
    train: Rows
    unseen: Rows
    source: Literal["official", "images", "stand-in", "generated"]


def load(
    name: str,
    *,
    datasets: Path,
    data_dir: Path | None = None,
    profile: Literal["quick", "full"] = "quick",
    console: Console | None = None,
) -> Dataset:
    """The named set for a profile: all rows in full; in quick the card's number of rows, each class as often.

    Looked for beside its card, or in DIR/NAME, DIR (`data_dir`), then the user's data folder. Where it is missing,
    quick generates its stand-in; full, and a set without one, raise DataError with the command that gets it. The same
    call gives the same rows, in memory of their own. `datasets` holds the cards; `console` shows a bar where decoding
    takes long.
    """
    known = card(datasets, name)
    if profile not in ("quick", "full"):
        raise DataError(f"The profile is {profile!r}; it is quick or full.")
    found = None if known.generated else find(known, data_dir)
    rows = known.quick if profile == "quick" else known.full
    if found is None:
        if known.standin is None or (profile == "full" and not known.generated):
            raise DataError(str(missing(known)))
        train, unseen = _generated(known.name, known.standin, rows)
        _as_the_card_says(known, train)
        return Dataset(name, known.classes, train, unseen, "generated" if known.generated else "stand-in")
    train, unseen = decoded(known, found, console)
    if profile == "quick":
        train, unseen = _some(train, rows.train, TRAIN), _some(unseen, rows.unseen, UNSEEN)
    return Dataset(name, known.classes, _own(train), _own(unseen), found.source)


def stand_ins(names: Iterable[str], *, datasets: Path, data_dir: Path | None = None) -> list[str]:
    """Those of these sets that quick would generate because the real ones are not here."""
    asked = (card(datasets, name) for name in names)
    return [known.name for known in asked if known.standin and not known.generated and find(known, data_dir) is None]


def missing(known: Card) -> Text:
    """Where the set was looked for, and how it gets there."""
    if known.bundled:
        return phrase("data.beside", name=known.name, place=str(known.bundled))
    key = "data.fetch" if known.fetchable else "data.add"
    return phrase(key, name=known.name, home=known.home, place=str(data_home() / known.name))


def balanced(y: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """`n` row numbers in a random order with each class as often as the others, give or take one: `(n,) int64`.

    The choice depends on `y`, `n` and `seed` alone. A class with too few rows gives all it has.
    """
    rng = stream(seed)
    classes = np.unique(y)
    share = [n // len(classes) + (k < n % len(classes)) for k in range(len(classes))]
    chosen = [rng.permutation(np.flatnonzero(y == kind))[:m] for kind, m in zip(classes, share, strict=True)]
    return rng.permutation(np.concatenate(chosen))


def decoded(known: Card, found: Found, console: Console | None) -> Splits:
    """Both splits of a copy that lies on disk, cached where decoding takes long; DataError: it is damaged."""
    if known.reader not in AS_THEY_ARE:
        return kept(cache_home(), known.name, fingerprint(found), lambda: read(known, found, console))
    rows, unseen = read(known, found)
    return _split(rows, known.full.unseen) if known.reader == "csv" else (rows, unseen)


def _generated(name: str, made: StandIn, rows: Sizes) -> Splits:
    """Both splits from one run of the generator: drawn alike, and no picture in both."""

    def make() -> Splits:
        whole = generate(made.generator, made.parameters, rows.train + rows.unseen, seed=made.seed)
        return _split(whole, rows.unseen)

    key = recipe(made.generator, made.parameters, rows.train, rows.unseen, made.seed)
    kept_train, kept_unseen = kept(cache_home(), f"{name}-generated", key, make)
    return _own(kept_train), _own(kept_unseen)


def _as_the_card_says(known: Card, rows: Rows) -> None:
    """Refuse a generator of rows of another kind: what trains on these would not run on the real ones."""
    X, y = rows
    last = int(y.max(initial=0))
    if X.shape[1:] != known.shape or X.dtype != known.dtype or last >= len(known.classes):
        raise DataError(
            f"The generator of {known.name} makes rows {X.shape[1:]} of {X.dtype} with labels up to {last}; "
            f"its card says {known.shape}, {known.dtype} and {len(known.classes)} classes: name another generator."
        )


def _split(rows: Rows, unseen: int) -> Splits:
    """All but `unseen` rows for training, and these, each class as often."""
    X, y = rows
    held_out = balanced(y, unseen, SPLIT)
    rest = np.setdiff1d(np.arange(len(y)), held_out)
    return (X[rest], y[rest]), (X[held_out], y[held_out])


def _some(rows: Rows, n: int, seed: int) -> Rows:
    X, y = rows
    if n >= len(y):
        return rows
    chosen = balanced(np.asarray(y), n, seed)
    return X[chosen], y[chosen]


def _own(rows: Rows) -> Rows:
    """Plain arrays in memory: a mapped file cannot be replaced on Windows, nor its rows be written to."""
    return np.array(rows[0], order="C"), np.array(rows[1])
