"""The audit of trained networks: what an honest one bears, and a cheat does not. It lists, and never lowers a mark.

Perturbed copies of the rows (an image and its mirror image, an image and itself one pixel on) have the same labels: a
network that has learnt them loses little there, one that looks labels up by the image's hash loses everything. A second
training gets the labels under other names: a network that has learnt calls everything by the new names, weights that
were trained elsewhere know the old ones alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.wording import say
from grader.pages.text import number
from grader.records import Text

Labels = NDArray[np.int64]
ROWS = 500  # that are looked at: a share of them is known to 0.02, and a training set of 50,000 costs no more than this
COLOUR = (3, 4)  # axes (channels, of all) of pictures of things, which a mirror does not change into others
# docs/trainings.md has the figures: the largest gap of honest networks, and half as much again.
COPIES_GAP = 0.20
NAMES_GAP = 0.20


def copies_of(x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Copies of the first rows with the same labels; {} for rows that are no images.

    x: uint8 (n, 3, h, w) or (n, h, w). Digits are not mirrored: a mirrored 2 is no 2.
    """
    if x.dtype != np.uint8 or x.ndim not in (3, 4):
        return {}
    some = x[:ROWS]
    copies = {"shifted": np.roll(some, 1, axis=-1)}
    if x.ndim == COLOUR[1] and x.shape[1] == COLOUR[0]:
        copies["flipped"] = np.ascontiguousarray(some[..., ::-1])
    return copies


def renamed(labels: Labels, numbers: np.random.Generator) -> Callable[[Labels], Labels]:
    """A drawn renaming of the classes in which none keeps its name; of labels (n,), it makes labels (n,).

    A class that is not among `labels` keeps its name.
    """
    classes = numbers.permutation(np.unique(labels))
    names = dict(zip(classes.tolist(), np.roll(classes, 1).tolist(), strict=True))
    return lambda y: np.array([names.get(label, label) for label in y.tolist()], np.int64)


def suspicions(measured: Mapping[str, Any]) -> list[Text]:
    """What is odd about one measured accuracy of a run file, a sentence each for the instructor."""
    found = []
    copies = measured.get("copies") or {}
    if "broke" in copies:
        found.append(say("audit.copies.broke", why=copies["broke"]))
    for what in ("flipped", "shifted"):
        if what in copies and copies["plain"] - copies[what] > COPIES_GAP:
            found.append(say(f"audit.{what}", plain=_share(copies["plain"]), copy=_share(copies[what])))
    again = measured.get("renamed")
    if again and again.get("accuracy") is None:
        found.append(say("audit.renamed.broke", why=again.get("broke", "")))
    elif again and again["plain"] - again["accuracy"] > NAMES_GAP:
        found.append(say("audit.renamed", graded=_share(again["plain"]), again=_share(again["accuracy"])))
    return found


def _share(accuracy: float) -> Text:
    return Text(f"{accuracy:.3f}", number(accuracy, "fa", digits=3))
