"""An answer's numbers as one table of the asked shape, or the sentence that says what is in the way.

What a student hands over may be laid out in many ways (lists, tuples, arrays, numbers of any type) and be unfinished
(`...`, None, text in a cell).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking.distance import Array
from grader.checking.wording import kind_of
from grader.phrases import phrase
from grader.records import Text
from grader.sandbox.submission import Formula

DEPTH = 32  # numpy's own limit on axes before 2.0, and half of the wire's on nesting
CELLS = 200_000  # the wire lets no more values through in lists


@dataclass(frozen=True)
class Form:
    """How an answer may be laid out. shape: "same", "squeeze" or "any"; dtype: None if it does not matter."""

    shape: str = "same"
    dtype: np.dtype[Any] | None = None


@dataclass(frozen=True)
class Fault:
    """Why a part of an answer cannot be compared; blank: it is still `...`; missing: the key is not there."""

    text: Text
    blank: bool = False
    missing: bool = False


@dataclass(frozen=True)
class Reading:
    """An answer's table in the asked shape. odd: what is wrong with single cells; blank: those still `...`."""

    values: Array
    odd: Mapping[int, Text]
    blank: frozenset[int]

    @property
    def unread(self) -> list[int]:
        return [*self.odd, *self.blank]


def bare(value: Any) -> Any:
    """Tensors (of checks and of answers tried by hand; the wire lets none through) and numpy's scalars as arrays.

    A formula that is a number, a fraction of sympy's for one, is that number.
    """
    if isinstance(value, Formula):
        return value if value.number is None else value.number
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = value.float() if value.dtype == torch.bfloat16 else value
        return value.resolve_conj().resolve_neg().numpy()
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else value


def read(answer: Any, right: Array, form: Form, *, root: bool = True, row: bool = False) -> Reading | Fault:
    """The answer as an array of right's shape (in a dtype of its own), or why it is none.

    root: it is what the function returned, not something inside; row: it stands in a list of shapes.
    """
    answer, asked, truth = bare(answer), right.shape, right.dtype.kind == "b"
    wanted = _wanted(right)
    if not isinstance(answer, np.ndarray | list | tuple | int | float | complex):
        return misfit(answer, wanted, root=root)
    if form.dtype is not None and not truth and (fault := _other_dtype(answer, asked, form.dtype)):
        return fault
    given = answer.shape if isinstance(answer, np.ndarray) else first_shape(answer)
    fitting = _shape_fits(given, asked, form.shape, row)
    pieces: list[Any] = []
    if isinstance(answer, np.ndarray):
        if answer.dtype.kind not in "biufc":
            return misfit(answer, wanted)
        if not fitting:
            return _other_shape(answer, given, wanted, asked)
        pieces.append(answer)
    elif not gather(answer, given if fitting else asked, pieces):
        return _other_shape(answer, given, wanted, asked)
    return _reading(pieces, asked, truth, wanted)


def _reading(pieces: list[Any], asked: tuple[int, ...], truth: bool, wanted: Text) -> Reading | Fault:
    """Join single cells and arrays (in the order of the entries) into one table; one copy, none for a lone array."""
    odd: dict[int, Text] = {}
    blank: set[int] = set()
    columns: list[Array] = []
    run: list[Any] = []
    place = 0
    for piece in pieces:
        if isinstance(piece, np.ndarray):
            if piece.dtype.kind not in "biufc" or (piece.dtype.kind == "b") is not truth:
                return misfit(piece, wanted)
            if run:
                columns.append(packed(run))
                run = []
            columns.append(piece.reshape(-1))
            place += piece.size
            continue
        if isinstance(piece, int | float | complex) and isinstance(piece, bool) is truth:
            run.append(piece)
        else:
            run.append(truth or 0)
            if piece is Ellipsis:
                blank.add(place)
            else:
                odd[place] = misfit(piece, _one(truth)).text
        place += 1
    if run or not columns:
        columns.append(packed(run))
    values = columns[0] if len(columns) == 1 else np.concatenate(columns)
    return Reading(values.reshape(asked), odd, frozenset(blank))


def first_shape(value: Any) -> tuple[int, ...]:
    """The shape that a nested list has if all of it is like its first items."""
    shape: list[int] = []
    while isinstance(value, list | tuple) and len(shape) < DEPTH:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    value = bare(value)
    return (*shape, *value.shape) if isinstance(value, np.ndarray) else tuple(shape)


def gather(node: Any, shape: tuple[int, ...], pieces: list[Any]) -> bool:
    """Collect the cells and arrays of a nested list in order; False where it is not of this shape.

    What is no number (`...`, None, text) may stand for a whole row: it fills all cells of it.
    """
    node = bare(node)
    if isinstance(node, np.ndarray) and node.ndim:
        pieces.append(node)
        return bool(node.shape == shape)
    if isinstance(node, list | tuple):
        return bool(shape) and len(node) == shape[0] and all(gather(item, shape[1:], pieces) for item in node)
    if shape and isinstance(node, int | float | complex | np.ndarray):
        return False
    count = math.prod(shape)
    if count > 1 and len(pieces) + count > CELLS:
        return False
    pieces.extend([node] * count)
    return True


def packed(cells: list[Any]) -> Array:
    """Numbers as one array that loses none of their digits: object where whole numbers do not fit into 64 bits."""
    whole = [cell for cell in cells if type(cell) is int]
    large = max(map(abs, whole), default=0)
    if large >= 1 << 63 or (large > 1 << 53 and len(whole) < len(cells)):
        table = np.empty(len(cells), dtype=object)
        table[:] = cells
        return table
    return np.array(cells)


def _shape_fits(given: tuple[int, ...], asked: tuple[int, ...], rule: str, row: bool) -> bool:
    if given == asked or (row and {given, asked} == {(), (1,)}):
        return True  # in a list of shapes, n and (n,) say the same
    if rule == "squeeze":
        return [side for side in given if side != 1] == [side for side in asked if side != 1]
    return rule == "any" and math.prod(given) == math.prod(asked)


def _wanted(right: Array) -> Text:
    if not right.shape:
        return _one(right.dtype.kind == "b")
    return kind_of(right)


def _one(truth: bool) -> Text:
    return kind_of(True if truth else 0)


def _other_shape(answer: Any, given: tuple[int, ...], wanted: Text, asked: tuple[int, ...]) -> Fault:
    """The answer's own shape, never the asked one, which may be the answer."""
    if not given or not asked:
        return misfit(answer, wanted)
    if not isinstance(answer, np.ndarray) and math.prod(given) <= CELLS and not gather(answer, given, []):
        return Fault(phrase("close.ragged"))
    return Fault(phrase("close.shape", shape=str(given)))


def _other_dtype(answer: Any, asked: tuple[int, ...], wanted: np.dtype[Any]) -> Fault | None:
    if isinstance(answer, np.ndarray):
        if answer.dtype == wanted:
            return None
        return Fault(phrase("close.dtype", given=answer.dtype.name, wanted=wanted.name))
    if isinstance(answer, list | tuple) or asked:
        return misfit(answer, phrase("close.a.typed", name=wanted.name))
    given = np.dtype(type(answer))  # a plain number has a kind only: the wire makes every numpy scalar one
    return None if given.kind == wanted.kind else Fault(phrase("close.dtype", given=given.name, wanted=wanted.name))


def misfit(answer: Any, wanted: Text, root: bool = False) -> Fault:
    """The sentence for an answer of the wrong kind."""
    if answer is Ellipsis:
        return Fault(Text(""), blank=True)
    if answer is None and root:
        return Fault(phrase("close.none"))
    if isinstance(answer, str) and wanted == kind_of(0):
        return Fault(phrase("close.quoted"))
    if isinstance(answer, Formula) and wanted == kind_of(0):
        return Fault(phrase("close.formula"))
    return Fault(phrase("close.kind", what=kind_of(answer), wanted=wanted))
