"""The audit of trained networks: what an honest one bears, and a cheat does not. It lists, and never lowers a mark.

Perturbed copies of rows (an image and its mirror image, an image and itself one pixel on) have the same labels: a
network that has learnt them loses little there, one that looks labels up by the image's hash loses everything. Which
rows are looked at, and how they are perturbed, is drawn. A second training gets the labels under other names: a network
that has learnt calls everything by the new names, weights that were trained elsewhere know the old ones alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.wording import short
from grader.pages.text import number
from grader.phrases import phrase
from grader.records import Text

Labels = NDArray[np.int64]
ROWS = 500  # that are looked at: a share of them is known to 0.02, and a training set of 50,000 costs no more than this
COLOUR = (3, 4)  # axes (channels, of all) of pictures of things, which a mirror does not change into others
NOISE = 2  # grey levels of 255, up or down
SPECKS = 0.02  # of the pixels that are black or white: as many of them are moved too, to grey
# Above the largest gaps of honest networks, 0.040 and 0.066 (docs/trainings.md), by more than half as much again.
COPIES_GAP = 0.10
NAMES_GAP = 0.12


def looked_at(n: int, numbers: np.random.Generator) -> NDArray[np.int64]:
    """The numbers of the rows, of n, that the audit looks at."""
    return numbers.permutation(n)[:ROWS]


def copies_of(x: NDArray[Any], numbers: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Copies of the rows with the same labels; {} for rows that are no images.

    x: uint8, or floats in [0, 1], (n, channels, h, w) or (n, h, w). Digits are not mirrored: a mirrored 2 is no 2.
    """
    if not _images(x):
        return {}
    copies = {"shifted": _one_on(x, numbers)}
    if x.ndim == COLOUR[1] and x.shape[1] == COLOUR[0]:
        copies["flipped"] = x[..., ::-1]
    return {what: noisy(copy, numbers) for what, copy in copies.items()}


def noisy(x: NDArray[Any], numbers: np.random.Generator) -> NDArray[Any]:
    """The same images with a little noise, which no eye sees.

    x: as for `copies_of`; rows that are no images come back as they are. Of black and of white pixels few are moved: a
    network may ask where there is ink.
    """
    if not _images(x):
        return x
    white = 255 if x.dtype == np.uint8 else 1
    steps = numbers.integers(-NOISE, NOISE + 1, x.shape, dtype=np.int16)
    moves = ((x > 0) & (x < white)) | (numbers.random(x.shape, dtype=np.float32) < SPECKS)
    return np.where(moves, np.clip(x + steps * (white / 255), 0, white), x).astype(x.dtype)


def _images(x: NDArray[Any]) -> bool:
    if x.ndim not in (3, 4) or not x.size:
        return False
    return x.dtype == np.uint8 or bool(x.dtype.kind == "f" and x.min() >= 0 and x.max() <= 1)


def _one_on(x: NDArray[Any], numbers: np.random.Generator) -> NDArray[Any]:
    """The images moved by a pixel along one of their sides, forwards or back; the line that they leave stays."""
    axis, step = -1 - int(numbers.integers(2)), 1 - 2 * int(numbers.integers(2))
    places = np.clip(np.arange(x.shape[axis]) - step, 0, x.shape[axis] - 1)
    return np.take(x, places, axis=axis)


def renamed(labels: Labels, numbers: np.random.Generator, *, ordered: bool = False) -> Callable[[Labels], Labels]:
    """A drawn renaming of two classes or more in which none keeps its name; of labels (n,), it makes labels (n,).

    A class that is not among `labels` keeps its name. ordered: the classes are grades of one thing, which a model may
    use; nothing is drawn: they are counted from the other end, and the middle one of an odd number stays.
    """
    classes = np.unique(labels)
    if ordered:
        new = classes[::-1]
    else:
        classes = numbers.permutation(classes)
        new = np.roll(classes, 1)
    names = dict(zip(classes.tolist(), new.tolist(), strict=True))
    return lambda y: np.array([names.get(label, label) for label in y.tolist()], np.int64)


def suspicions(measured: Mapping[str, Any]) -> list[Text]:
    """What is odd about one measured accuracy of a run file, a sentence each for the instructor."""
    found = []
    copies = measured.get("copies") or {}
    if "broke" in copies:
        found.append(phrase("audit.copies.broke", why=copies["broke"]))
    for what in ("flipped", "shifted"):
        if what in copies and copies["plain"] - copies[what] > COPIES_GAP:
            found.append(phrase(f"audit.{what}", plain=_share(copies["plain"]), copy=_share(copies[what])))
    if differs := measured.get("differs"):
        found.append(phrase("audit.differs", name=short(differs)))
    again = measured.get("renamed")
    if again and again.get("accuracy") is None:
        found.append(phrase("audit.renamed.broke", why=again.get("broke", "")))
    elif again and again["plain"] - again["accuracy"] > NAMES_GAP:
        found.append(phrase("audit.renamed", graded=_share(again["plain"]), again=_share(again["accuracy"])))
    return found


def _share(accuracy: float) -> Text:
    return Text(f"{accuracy:.3f}", number(accuracy, "fa", digits=3))
