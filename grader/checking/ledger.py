"""What the comparers of one check have recognised: shares, hints and the student's text. One ledger a check.

A comparer never raises and never scores: it writes here, and the plugin reads the ledger when the check is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from grader.errors import CourseError
from grader.records import Text


class Hint(str):
    """A sentence that teaches, with the key by which the Persian file and the mistake files name it.

    A str, so that `assert condition, hint(...)` shows the sentence and nothing else.
    """

    key: str


_known: dict[str, Hint] = {}


def hint(key: str, text: str) -> Hint:
    """A hint for a recognised mistake. `key` names it in `*.fa.toml` ([hints]) and in `# expects:` lines."""
    made = Hint(text)
    made.key = key
    _known[text] = made
    return made


def hint_of(text: str) -> Hint | None:
    """The hint whose sentence this is: an assert's message comes back from pytest as plain text."""
    return _known.get(text)


@dataclass
class Ledger:
    """What one check's comparers found. earned = points x min(shares) when the check passes, 0 when an assert fails."""

    shares: list[Fraction] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    unwritten: int = 0  # cells that are still `...`
    written: int = 0  # cells of the same answers that are not
    advice: Text | None = None  # said at the end, where no hint is known
    missed: bool = False  # a bar of accuracy, and not the layers of a network, is why not everything was earned
    undecided: bool = False  # a formula that nobody could decide: the check becomes manual
    figures: list[tuple[str, bytes]] = field(default_factory=list)

    def recognise(self, share: float | Fraction, hint: Hint | None = None, text: Text | None = None) -> None:
        """A right answer is worth share 1; a recognised one less, with the hint or the text that says why."""
        self.shares.append(Fraction(share).limit_denominator(10_000))
        if hint is not None:
            self.hints.append(hint)
        if text is not None:
            self.texts.append(text)

    def differ(self, text: Text, detail: str = "") -> None:
        """Nothing was recognised: `text` is for the student, `detail` (with expected values) for the instructor."""
        self.texts.append(text)
        if detail:
            self.details.append(detail)

    @property
    def share(self) -> Fraction:
        return min(self.shares, default=Fraction(1))


_current: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


def current() -> Ledger:
    """The ledger of the check that is running; a throw-away one outside of any check (a comparer tried by hand)."""
    return _current.get() or Ledger()


@contextmanager
def opened() -> Iterator[Ledger]:
    """A fresh ledger for the length of one check."""
    ledger = Ledger()
    token = _current.set(ledger)
    try:
        yield ledger
    finally:
        _current.reset(token)


Mistake = tuple[Fraction, Any, Hint | None]


def mistake_of(mistake: tuple[Any, ...], comparer: str) -> Mistake:
    """(share, value), (share, value, hint) or (share, value, "sentence"), as an author wrote it; CourseError else."""
    match mistake:
        case (share, value):
            return share_of(share, comparer), value, None
        case (share, value, Hint() | None as told):
            return share_of(share, comparer), value, told
        case (share, value, str(told)):
            return share_of(share, comparer), value, hint("", told)
    raise CourseError(f"a mistake in {comparer}() is (share, value, hint), not {mistake!r:.80}.")


def share_of(share: Any, comparer: str) -> Fraction:
    """A share of a check's points; CourseError where it is none: 40 for 40 % would be forty times the points."""
    if not isinstance(share, int | float | Fraction) or not 0 <= share <= 1:
        raise CourseError(f"{comparer}() was given the share {share!r}; a share is a number from 0 to 1.")
    return Fraction(share).limit_denominator(10_000)  # 0.6 means three fifths


class Comparer:
    """What `close`, `choices`, `same`, `steps` and `reached` return: `==` and `!=` compare, from either side.

    `==` writes what it recognises into the ledger of the check that is running, `!=` nothing.
    """

    __array_ufunc__: ClassVar[None] = None  # or numpy would compare every entry of an array with us, one by one

    def __eq__(self, answer: object) -> bool:
        return self._compare(answer, current())

    def __ne__(self, answer: object) -> bool:
        return not self._compare(answer, Ledger())

    def _compare(self, answer: object, ledger: Ledger) -> bool:
        """Whether the answer earns anything; how much, and why not all of it, goes into the ledger."""
        raise NotImplementedError
