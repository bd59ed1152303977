"""What a student is told about an answer that is not fully right: where and how it differs, and never by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.checking.distance import Array, Tolerance
from grader.checking.judging import Seen, worst
from grader.checking.trees import Numbers, Path, Row
from grader.checking.wording import listed, short, together
from grader.phrases import phrase
from grader.records import Text


@dataclass(frozen=True)
class Loss:
    """A leaf or row that lost something. wrong: (n,) bool, the entries that differ; blank: cells still `...`."""

    seen: Seen
    wrong: Array
    blank: int

    @property
    def name(self) -> Text | None:
        return label(self.seen.part.path)


def label(path: Path) -> Text | None:
    """How a place is called: `relu.needs_exp`, or row 3; None for the answer itself."""
    if not path:
        return None
    keys = [short(step) for step in path if not isinstance(step, Row)]
    rows = [phrase("close.row", number=step.index + 1) for step in path if isinstance(step, Row)]
    return listed([*([".".join(keys)] if keys else []), *rows])


def describe(losses: Sequence[Loss], surplus: Sequence[str], total: int, exact: Tolerance, *, counted: bool) -> Text:
    """The sentences about all that is wrong. counted: say how many of the `total` entries, as each=True does."""
    missing = [loss.name for loss in losses if any(fault.missing for fault in loss.seen.faults)]
    sentences = [phrase("close.missing", names=listed([name for name in missing if name]))] if missing else []
    sentences += list(_faults(losses))[:3]
    if surplus:
        sentences.append(phrase("close.unexpected", names=listed(surplus)))
    blank = sum(loss.blank for loss in losses)
    if counted or not (sentences or blank):
        sentences += _different([loss for loss in losses if loss.wrong.any()], total, exact, counted)
    loose = sum(loss.seen.loose for loss in losses)
    if loose:
        sentences.append(phrase("close.not_finite", count=loose))
    if blank:
        sentences.append(phrase("close.blank", count=blank))
    return together(sentences)


def _faults(losses: Sequence[Loss]) -> Iterator[Text]:
    for loss in losses:
        for fault in loss.seen.faults:
            if not fault.missing:
                yield phrase("close.named", name=loss.name, sentence=fault.text) if loss.name else fault.text


def _different(losses: Sequence[Loss], total: int, exact: Tolerance, counted: bool) -> list[Text]:
    if not losses:
        return []
    names = list(dict.fromkeys(loss.name for loss in losses if loss.name))
    count = sum(int(np.count_nonzero(loss.wrong)) for loss in losses)
    if not names:
        return [_in_table(losses[0], exact)]
    if counted:
        key = "close.entries_named.one" if count == 1 else "close.entries_named"
        return [phrase(key, count=count, total=total, names=listed(names))]
    if len(losses) == 1 and losses[0].wrong.size > 1:
        return [phrase("close.named", name=names[0], sentence=_in_table(losses[0], exact))]
    return [phrase("close.one" if len(names) == 1 else "close.many", names=listed(names))]


def _in_table(loss: Loss, exact: Tolerance) -> Text:
    """How many entries of one table differ, and where the worst is."""
    if loss.wrong.size == 1 or loss.seen.reading is None or not isinstance(loss.seen.part.tree, Numbers):
        return phrase("close.value")
    count, shape = int(np.count_nonzero(loss.wrong)), loss.seen.part.tree.values.shape
    index = worst(loss.seen, loss.wrong, exact)
    if len(shape) == 1:
        place = phrase("close.at_position", number=index + 1)
    else:
        place = phrase("close.in_row", number=index // math.prod(shape[1:]) + 1)
    key = "close.entries.one" if count == 1 else "close.entries"
    return phrase(key, count=count, total=loss.wrong.size, place=place)
