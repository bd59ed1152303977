"""The ways in which an entry can earn something, in their order: right, carried, rounded too early, a known mistake."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from grader.checking.distance import Tolerance, finite
from grader.checking.ledger import Hint, Mistake
from grader.checking.trees import Keyed, Numbers, Rows, Tree, tree_of
from grader.sandbox.faults import Ungraded

CARRIED_RTOL = 1e-6  # beside carried_atol: a recomputed value repeats the student's own arithmetic


@dataclass(frozen=True)
class Level:
    """One way: equal this tree within this tolerance (None: it cannot be worked out, and nothing equals it)."""

    share: Fraction
    tree: Tree | None
    tolerance: Tolerance
    key: str = "close.known"  # the sentence where there is no hint
    hint: Hint | None = None
    same_form: bool = False  # a tree of another shape counts as none


@dataclass(frozen=True)
class Levels:
    """What `close` was told, from which every level below the right one is made when something is wrong."""

    expected: Any
    tree: Tree
    exact: Tolerance
    each: bool
    band: float | None
    band_share: Fraction
    carried: Callable[[], Any] | None
    carried_share: Fraction
    carried_atol: float
    mistakes: tuple[Mistake, ...]

    def below(self) -> Iterator[Level]:
        """The levels below the right value, in the order in which they are tried; Ungraded passes out of `carried`."""
        if self.carried is not None:
            tree = recomputed(self.carried)
            strict = self.each or (tree is not None and _all_within(tree, self.carried_atol))
            tolerance = Tolerance(self.carried_atol, CARRIED_RTOL, near_zero=strict)
            yield Level(self.carried_share, tree, tolerance, "close.carried", same_form=True)
        if self.band is not None:
            tolerance = Tolerance(self.exact.atol, self.exact.rtol, band=self.band, nan=self.exact.nan)
            yield Level(self.band_share, self.tree, tolerance, "close.rounded")
        for share, value, told in self.mistakes:
            yield Level(share, self._mistaken(value), self.exact, hint=told)

    def _mistaken(self, value: Any) -> Tree | None:
        """The mistaken value; None where this right one allows none (another size, a division by zero)."""
        try:
            if callable(value):
                right = self.tree.values.copy() if isinstance(self.tree, Numbers) else copy.deepcopy(self.expected)
                with np.errstate(all="ignore"):
                    value = value(right)
            return tree_of(value)
        except Exception:
            return None


def recomputed(carried: Callable[[], Any]) -> Tree | None:
    """What follows from the student's own earlier answers; None if that fails or is degenerate. Ungraded passes."""
    try:
        tree = tree_of(carried())
    except Ungraded:
        raise  # our own fault must not cost a student the points
    except Exception:
        return None
    tables = list(_tables(tree))
    sound = all(finite(table.reshape(-1)).all() for table in tables)
    return None if not sound or (tables and _all_within(tree, 0.0)) else tree


def _tables(tree: Tree) -> Iterator[Any]:
    match tree:
        case Numbers(values):
            yield values
        case Keyed(items):
            for item in items.values():
                yield from _tables(item)
        case Rows(items):
            for item in items:
                yield from _tables(item)


def _all_within(tree: Tree, atol: float) -> bool:
    """Whether no number of the tree is further than atol from zero (truth values are no numbers)."""
    return all(table.dtype.kind != "b" and not np.any(np.abs(table) > atol) for table in _tables(tree))
