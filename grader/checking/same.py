"""`same`: the comparer for formulas, `assert answer == same("x*exp(-x)", symbols={"x": "real"})`.

It never raises for what a student wrote and never scores: what it recognises goes into the check's ledger.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.checking.ledger import Comparer, Ledger, Mistake, mistake_of, share_of
from grader.checking.symbolic import client
from grader.checking.symbolic.comparison import text_of
from grader.checking.symbolic.tokens import MAX_CHARACTERS
from grader.checking.symbolic.verdict import Decision
from grader.phrases import phrase
from grader.records import Text

MOST_LINES = 100  # of a derivation: each is compared with the next


def same(
    expected: Any,
    symbols: Mapping[str, str],
    mistakes: Sequence[tuple[Any, ...]] = (),
    *,
    without: Sequence[str] = (),
    rounding: float = 1.0,
) -> Same:
    """A value that equals every formula for the same function as `expected` (text or a sympy expression).

    symbols: name -> real, positive, negative, in(a,b), integer, integer>=k, label01, label+-1, or "= formula".
    mistakes: (share of the points, formula, hint), tried in their order; recognised by sampled points.
    without: functions that the answer may not use (`mish`, where Mish itself is asked for).
    rounding: the share for an answer that is right to a millionth of its size (constants as decimals); 0 is wrong.

    Raises CourseError for a share that is none.
    """
    known = tuple(mistake_of(mistake, "same") for mistake in mistakes)
    return Same(text_of(expected), dict(symbols), known, tuple(without), share_of(rounding, "same"))


@dataclass(frozen=True, eq=False, repr=False)
class Same(Comparer):
    """What `same` returns."""

    expected: str
    symbols: dict[str, str]
    mistakes: tuple[Mistake, ...]
    without: tuple[str, ...]
    rounding: Fraction

    def __repr__(self) -> str:
        return f"same({self.expected!r})"

    def _compare(self, answer: object, ledger: Ledger) -> bool:
        text = _readable(answer, ledger)
        if text is None:
            return False
        found = client.compared(text, self.expected, self.symbols, self.without)
        notes = "; ".join(found.notes)
        if found.equal:
            ledger.recognise(1)
            ledger.texts.extend(found.texts)
            return True
        if found.verdict is Decision.UNDECIDED:
            return _undecided(ledger, f"undecided: {_cut(text)} against {self.expected}; {notes}")
        if found.verdict is Decision.ROUNDING and self.rounding > 0:
            ledger.recognise(self.rounding, text=phrase("same.rounding"))
            return True
        detail = f"{_cut(text)} is not {self.expected}: {notes}"
        told = phrase("same.rounded") if found.verdict is Decision.ROUNDING else found.texts[0]
        if found.verdict is not Decision.REFUSED and self.mistakes:
            formulas = tuple(text_of(formula) for _, formula, _ in self.mistakes)
            place = client.which_mistake(text, formulas, self.symbols)
            if place is not None:
                share, _, hint = self.mistakes[place]
                ledger.recognise(share, hint, None if hint else told)
                ledger.details.append(detail)
                return True
        ledger.differ(told, detail)
        ledger.texts.extend(found.texts[1:])
        return False


def steps(symbols: Mapping[str, str]) -> Steps:
    """A value that equals every derivation (a list of formulas) in which each line is the line before it, rewritten.

    An empty list equals it. The first line that does not follow is named, never what it should have been.
    """
    return Steps(dict(symbols))


@dataclass(frozen=True, eq=False, repr=False)
class Steps(Comparer):
    """What `steps` returns."""

    symbols: dict[str, str]

    def __repr__(self) -> str:
        return "steps(...)"

    def _compare(self, answer: object, ledger: Ledger) -> bool:
        if answer is Ellipsis:
            ledger.unwritten += 1
            return False
        if not isinstance(answer, list | tuple):
            ledger.differ(_no_formula(answer))
            return False
        if len(answer) > MOST_LINES:
            ledger.differ(phrase("same.lines", most=MOST_LINES))
            return False
        lines = [_readable(line, ledger) for line in answer]
        if None in lines:
            return False
        broken = client.first_broken(tuple(map(str, lines)), self.symbols)
        if broken is None:
            ledger.recognise(1)
            return True
        line, found = broken
        notes = "; ".join(found.notes)
        if found.verdict is Decision.UNDECIDED:
            return _undecided(ledger, f"undecided at line {line}: {notes}")
        unread = found.verdict is Decision.REFUSED
        ledger.differ(phrase("same.unread" if unread else "same.step", line=line), f"line {line}: {notes}")
        if unread:
            ledger.texts.extend(found.texts)
        return False


def _undecided(ledger: Ledger, detail: str) -> bool:
    ledger.undecided = True
    ledger.differ(phrase("same.undecided"), detail)
    return False


def _readable(answer: object, ledger: Ledger) -> str | None:
    """The answer's text, or None with the sentence that says what came instead of a formula."""
    if answer is Ellipsis:
        ledger.unwritten += 1
        return None
    text = getattr(answer, "text", answer) if not isinstance(answer, str) else str(answer)
    if isinstance(text, str):
        return text[: MAX_CHARACTERS + 1]  # beyond the parser's limit, which then says so
    if isinstance(answer, bool):
        ledger.differ(_no_formula(answer))
        return None
    if isinstance(answer, int) and answer.bit_length() <= 90:
        return str(answer)
    if isinstance(answer, float) and math.isfinite(answer):
        return f"({answer!r})"
    if type(answer).__module__.partition(".")[0] == "sympy":
        return str(answer)
    number = isinstance(answer, int | float)
    ledger.differ(phrase("same.number", value=_cut(repr(answer))) if number else _no_formula(answer))
    return None


def _no_formula(answer: object) -> Text:
    return phrase("same.none") if answer is None else phrase("same.kind", kind=type(answer).__name__)


def _cut(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "..."
