"""The expected value as a tree, and an answer laid beside it: dicts by keys, numbers as tables, the rest by items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking.distance import Array
from grader.checking.reading import Fault, bare, first_shape, gather, misfit, packed
from grader.checking.wording import kind_of, short
from grader.errors import CourseError
from grader.phrases import phrase
from grader.records import Text


@dataclass(frozen=True)
class Numbers:
    """A table of numbers or of truth values, a single one being a table of shape ()."""

    values: Array


@dataclass(frozen=True)
class Word:
    """A text, bytes or None: equal or not."""

    value: str | bytes | None


@dataclass(frozen=True)
class Keyed:
    """A dict."""

    items: Mapping[Any, Tree]


@dataclass(frozen=True)
class Rows:
    """A list or tuple that is no rectangular table of numbers."""

    items: tuple[Tree, ...]


Tree = Numbers | Word | Keyed | Rows


@dataclass(frozen=True)
class Row:
    """A step into a list, where a step into a dict is its key."""

    index: int


Path = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """A leaf of the expected value (or a branch whose answer does not fit) beside what the answer has there."""

    path: Path
    tree: Tree
    answer: Any
    fault: Fault | None = None


def tree_of(value: Any) -> Tree:
    """The expected value (plain data, arrays, tensors) as a tree. CourseError for what no answer can be."""
    value = bare(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return Numbers(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "OU":
        return tree_of(value.tolist())
    if value is None or isinstance(value, str | bytes):
        return Word(str(value) if isinstance(value, str) else value)
    if isinstance(value, Mapping):
        return Keyed({key: tree_of(item) for key, item in value.items()})
    if isinstance(value, int | float | complex):
        return Numbers(packed([value]).reshape(()))
    if isinstance(value, list | tuple):
        shape = first_shape(value)
        pieces: list[Any] = []
        if gather(value, shape, pieces) and not any(isinstance(piece, np.ndarray) and piece.ndim for piece in pieces):
            cells = [piece.item() if isinstance(piece, np.ndarray) else piece for piece in pieces]
            truths = sum(isinstance(cell, bool) for cell in cells)
            if all(isinstance(cell, int | float | complex) for cell in cells) and truths in (0, len(cells)):
                return Numbers(packed(cells).reshape(shape))
        return Rows(tuple(tree_of(item) for item in value))
    raise CourseError(f"close() compares numbers, texts, lists, dicts and arrays; {type(value).__name__} was expected")


def entries(tree: Tree) -> int:
    """How many entries `each=True` counts: the numbers of a table, the items of another list, a text as one."""
    match tree:
        case Keyed(items):
            return sum(entries(item) for item in items.values())
        case Rows(items):
            return len(items)
        case Numbers(values):
            return values.size
    return 1


def at(tree: Tree | None, path: Path) -> Tree | None:
    """The branch of `tree` at `path`, None where it has none."""
    for step in path:
        if isinstance(step, Row):
            tree = tree.items[step.index] if isinstance(tree, Rows) and step.index < len(tree.items) else None
        else:
            tree = tree.items.get(step) if isinstance(tree, Keyed) else None
    return tree


def same_form(one: Tree, other: Tree | None) -> bool:
    """Whether two trees have the same keys, lengths and shapes."""
    match one, other:
        case Numbers(mine), Numbers(theirs):
            return bool(mine.shape == theirs.shape)
        case Keyed(mine), Keyed(theirs):
            return mine.keys() == theirs.keys() and all(same_form(mine[key], theirs[key]) for key in mine)
        case Rows(mine), Rows(theirs):
            return len(mine) == len(theirs) and all(map(same_form, mine, theirs))
        case Word(), Word():
            return True
    return False


def parts(tree: Tree, answer: Any, path: Path = (), *, deep: bool = True) -> Iterator[Part]:
    """Every leaf beside its answer; with deep=False an item of a list that is no table stays whole."""
    answer, fault = bare(answer), None
    match tree:
        case Keyed(items) if isinstance(answer, dict):
            for key, item in items.items():
                if key in answer:
                    yield from parts(item, answer[key], (*path, key), deep=deep)
                else:
                    yield Part((*path, key), item, None, Fault(Text(""), missing=True))
            return
        case Rows(items) if isinstance(answer, list | tuple) or (isinstance(answer, np.ndarray) and answer.ndim):
            if len(answer) == len(items):
                for index, item in enumerate(items):
                    step = (*path, Row(index))
                    yield from parts(item, answer[index], step) if deep else [Part(step, item, answer[index])]
                return
            fault = Fault(phrase("close.rows", count=len(answer)))
        case Keyed() | Rows():
            fault = misfit(answer, kind_of({} if isinstance(tree, Keyed) else []), root=not path)
    yield Part(path, tree, answer, fault)


def unexpected(tree: Tree, answer: Any) -> list[str]:
    """The keys of the answer that nobody asked for, at most six, in the student's own words but short."""
    found: list[str] = []
    if isinstance(tree, Keyed) and isinstance(answer, dict):
        for key in answer:
            if key not in tree.items and len(found) < 6:
                found.append(short(key))
        for key, item in tree.items.items():
            found += unexpected(item, answer.get(key))
    elif isinstance(tree, Rows) and isinstance(answer, list | tuple) and len(answer) == len(tree.items):
        for item, part in zip(tree.items, answer, strict=True):
            found += unexpected(item, part)
    return found[:6]
