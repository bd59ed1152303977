"""What comparing an answer with an expected value shows, leaf by leaf: what is right, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.checking.distance import Array, Tolerance, within
from grader.checking.reading import Fault, Form, Reading, misfit, read
from grader.checking.trees import Numbers, Part, Path, Row, Tree, Word, entries, parts, unexpected
from grader.checking.wording import kind_of


@dataclass(frozen=True)
class Seen:
    """One leaf beside its answer. right: (n,) bool, one an entry; blank: how many cells are still `...`.

    reading is None where no table of numbers was asked or none could be read; loose counts what is NaN or infinite.
    """

    part: Part
    right: Array
    reading: Reading | None = None
    loose: int = 0
    blank: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def all_right(self) -> bool:
        return not self.faults and not self.blank and bool(self.right.all())

    @property
    def different(self) -> Array:
        """(n,) bool: the entries that could be read and are wrong."""
        different = ~self.right
        if self.reading is not None:
            different[self.reading.unread] = False
        elif self.faults or self.blank:
            different[:] = False
        return different


def judge(tree: Tree, answer: object, tolerance: Tolerance, form: Form, path: Path = ()) -> list[Seen]:
    """Compare a whole answer with a whole expected value."""
    return [look(part, tolerance, form) for part in parts(tree, answer, path)]


def fits(tree: Tree, answer: object, tolerance: Tolerance, form: Form, path: Path = ()) -> bool:
    """Whether the whole answer equals the whole tree, with no key too many."""
    return all(seen.all_right for seen in judge(tree, answer, tolerance, form, path)) and not unexpected(tree, answer)


def look(part: Part, tolerance: Tolerance, form: Form) -> Seen:
    """Compare one leaf."""
    found = part.fault or _compared(part, tolerance, form)
    if isinstance(found, Seen):
        return found
    none_right = np.zeros(entries(part.tree), dtype=bool)
    if found.blank:
        return Seen(part, none_right, blank=none_right.size)
    return Seen(part, none_right, faults=(found,))


def _compared(part: Part, tolerance: Tolerance, form: Form) -> Seen | Fault:
    """What comparing shows, or what is in its way."""
    root = not part.path
    if isinstance(part.tree, Numbers):
        row = not root and isinstance(part.path[-1], Row)
        reading = read(part.answer, part.tree.values, form, root=root, row=row)
        return _table(part, part.tree.values, reading, tolerance) if isinstance(reading, Reading) else reading
    value = part.tree.value if isinstance(part.tree, Word) else None
    same = type(part.answer) is type(value) and part.answer == value
    comparable = same or value is None or isinstance(part.answer, str | bytes)
    if part.answer is Ellipsis or not comparable:
        return misfit(part.answer, kind_of(value), root=root)
    return Seen(part, np.array([same]))


def _table(part: Part, right: Array, reading: Reading, tolerance: Tolerance) -> Seen:
    apart = within(reading.values, right, tolerance)
    apart.right[reading.unread] = False
    faults = tuple(Fault(text) for text in dict.fromkeys(reading.odd.values()))
    return Seen(part, apart.right, reading, apart.loose, len(reading.blank), faults)


def worst(seen: Seen, among: Array, tolerance: Tolerance) -> int:
    """The index of the entry that is furthest off, of those in `among` ((n,) bool, at least one)."""
    assert seen.reading is not None
    assert isinstance(seen.part.tree, Numbers)
    indices = np.flatnonzero(among)
    got, right = seen.reading.values.reshape(-1)[indices], seen.part.tree.values.reshape(-1)[indices]
    return int(indices[within(got, right, tolerance).worst])
