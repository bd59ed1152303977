"""`answer == choices(right)`: the comparer for forms of words and yes-or-no cells, where guessing must not pay.

Credit is max(0, right - wrong) / n over all n cells: a cell still `...` (or left out) counts as neither. Which cells
are wrong is not told, for in a yes-or-no cell that would be the answer.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.checking.ledger import Comparer, Hint, Ledger
from grader.checking.messages import label
from grader.checking.reading import misfit
from grader.checking.trees import Keyed, Path, Row, Rows, Tree, Word, unexpected
from grader.checking.wording import cut, kind_of, listed, short, together
from grader.errors import CourseError
from grader.phrases import phrase
from grader.records import Text

FEW = 3  # yes-or-no cells that a coin fills rightly once in eight times or more: all of them or nothing
ALIKE = 0.6  # difflib's ratio: below it the nearest word is no help, and the words are named instead
TOLD = 3  # sentences about single cells: the rest is seen when these are mended


def choices(
    right: Any,
    words: Mapping[str, Iterable[str]] | None = None,
    *,
    hints: Mapping[str, Mapping[Any, Hint]] | None = None,
) -> Choices:
    """A comparer: `answer == choices({"needs_exp": True, "branch": "linear"})` is True if it earns something.

    right: a dict (of dicts) or list of cells. A cell is a word, True or False, a whole number or None, or a set of such
        where several are right. Case, blanks, hyphens and underscores of words do not matter; 1 is not True.
    words: the allowed words by the cell's key or dotted path ("branch" or "elu.branch"). A word that is not among them
        is wrong, and is answered with the nearest one.
    hints: by key or dotted path what a certain wrong choice is told: {"elu.branch": {"logarithmic": hint(...)}}.

    A form of one to three yes-or-no cells and nothing else is all or nothing. Raises CourseError if it is called
    wrongly; comparing never raises.
    """
    cells = tuple(_cells(right, (), words or {}, hints or {}))
    if not cells:
        raise CourseError("choices() was given no cells.")
    return Choices(cells, _outline(right))


@dataclass(frozen=True)
class Cell:
    """One cell of the form. right: what is right, any of them; words: the allowed ones (none: any)."""

    path: Path
    right: tuple[Any, ...]
    words: tuple[str, ...]
    hints: Mapping[Any, Hint]

    @property
    def yes_or_no(self) -> bool:
        return all(isinstance(value, bool) for value in self.right)

    @property
    def name(self) -> Text:
        return label(self.path) or phrase("choices.answer")


@dataclass(frozen=True, eq=False, repr=False)
class Choices(Comparer):
    """What `choices` returns."""

    cells: tuple[Cell, ...]
    outline: Tree

    def __repr__(self) -> str:
        return f"choices({', '.join(f'{cell.name}: {cut(cell.right)}' for cell in self.cells)})"

    def _compare(self, answer: object, ledger: Ledger) -> bool:
        total = len(self.cells)
        marked = [(cell, *_mark(cell, answer)) for cell in self.cells]
        right, wrong, blank = (sum(mark == kind for _, mark, _ in marked) for kind in ("right", "wrong", "blank"))
        few = total <= FEW and all(cell.yes_or_no for cell in self.cells)
        share = Fraction(right == total) if few else Fraction(max(0, right - wrong), total)
        ledger.unwritten += blank
        ledger.written += right + wrong
        if share == 1:
            return True
        slips = [(cell, value) for cell, mark, value in marked if mark == "wrong"]
        counts = phrase("choices.counts", right=right, wrong=wrong, open=total - right - wrong, total=total)
        text = together([*_in_the_way(self.outline, answer, marked), phrase("choices.all") if few else counts])
        detail = "; ".join(f"{cell.name}: expected {cut(cell.right)}, got {cut(value)}" for cell, value in slips)
        if share:
            ledger.recognise(share, None, text)
            ledger.details.append(detail)
        else:
            ledger.differ(text, detail)
        ledger.hints += [cell.hints[_key(value)] for cell, value in slips if _key(value) in cell.hints]
        return share > 0


def _outline(right: Any) -> Tree:
    """The form's dicts and lists, for naming the keys that nobody asked for."""
    if isinstance(right, Mapping):
        return Keyed({key: _outline(value) for key, value in right.items()})
    return Rows(tuple(map(_outline, right))) if isinstance(right, list | tuple) else Word(None)


def _cells(
    right: Any,
    path: Path,
    words: Mapping[str, Iterable[str]],
    hints: Mapping[str, Mapping[Any, Hint]],
) -> Iterator[Cell]:
    if isinstance(right, Mapping):
        for key, value in right.items():
            yield from _cells(value, (*path, key), words, hints)
        return
    if isinstance(right, list | tuple):
        for index, value in enumerate(right):
            yield from _cells(value, (*path, Row(index)), words, hints)
        return
    values = tuple(right) if isinstance(right, set | frozenset) else (right,)
    if not values or not all(value is None or isinstance(value, str | int) for value in values):
        raise CourseError(f"choices() compares words, True, False and whole numbers; {cut(right)} is none.")
    keys = [str(step) for step in path if not isinstance(step, Row)]
    names = [".".join(keys), *keys[-1:]]
    known = tuple(next((tuple(words[name]) for name in names if name in words), ()))
    told = next((hints[name] for name in names if name in hints), {})
    spelled = {_key(word) for word in known}
    if known and not all(_key(value) in spelled for value in values if isinstance(value, str)):
        raise CourseError(f"the right word for {names[0]} is not among its words in choices().")
    yield Cell(path, values, known, {_key(value): sentence for value, sentence in told.items()})


def _mark(cell: Cell, answer: Any) -> tuple[str, Any]:
    """right, wrong, blank (`...`) or missing; and what stands in the cell."""
    for step in cell.path:
        if answer is Ellipsis:
            return "blank", answer
        if isinstance(step, Row):
            if not isinstance(answer, list | tuple) or step.index >= len(answer):
                return "missing", None
            answer = answer[step.index]
        elif not isinstance(answer, dict) or step not in answer:
            return "missing", None
        else:
            answer = answer[step]
    if answer is Ellipsis:
        return "blank", answer
    return "right" if any(_same(answer, value) for value in cell.right) else "wrong", answer


def _same(answer: Any, right: Any) -> bool:
    if isinstance(right, str | bool) or right is None:
        return type(answer) is type(right) and bool(_key(answer) == _key(right))
    return isinstance(answer, int | float) and not isinstance(answer, bool) and answer == right


def _key(value: Any) -> Any:
    """A word without its case, blanks, hyphens and underscores; other plain values as they are."""
    if isinstance(value, str):
        return re.sub(r"[\s_-]+", " ", value.strip().casefold())
    return value if value is None or isinstance(value, bool | int | float) else Ellipsis


def _in_the_way(outline: Tree, answer: object, marked: list[tuple[Cell, str, Any]]) -> list[Text]:
    """What keeps cells from being read: the wrong kind of form, missing keys, unknown words."""
    sentences = [text for cell, mark, value in marked if mark == "wrong" for text in _about(cell, value)][:TOLD]
    missing = [cell.name for cell, mark, _ in marked if mark == "missing"]
    keyed = isinstance(outline, Keyed)
    if missing and isinstance(answer, dict if keyed else list | tuple):
        sentences.append(phrase("close.missing", names=listed(missing)))
    elif missing:
        sentences.append(misfit(answer, kind_of({} if keyed else []), root=True).text)
    if surplus := unexpected(outline, answer):
        sentences.append(phrase("close.unexpected", names=listed(surplus)))
    return sentences


def _about(cell: Cell, value: Any) -> list[Text]:
    """What is wrong with a choice that is none of those offered; nothing about one that is simply wrong."""
    if cell.yes_or_no:
        return [] if isinstance(value, bool) else [phrase("choices.truth", name=cell.name)]
    kinds = [kind_of("")] if cell.words else [kind_of(one) for one in cell.right if one is not None]
    if kinds and kind_of(value) not in kinds:
        return [phrase("close.named", name=cell.name, sentence=misfit(value, kinds[0]).text)]
    spelled = {_key(word): word for word in cell.words}
    if not spelled or not isinstance(value, str) or _key(value) in spelled:
        return []
    near = difflib.get_close_matches(_key(short(value)), spelled, n=1, cutoff=ALIKE)
    if near:
        return [phrase("choices.near", word=short(value), name=cell.name, near=spelled[near[0]])]
    return [phrase("choices.unknown", word=short(value), name=cell.name, words=listed(list(spelled.values())))]
