"""What one comparison finds: the share that a check with this one assert would earn, and what its student reads."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from grader.checking import ledger


def compared(answer: Any, comparer: object) -> tuple[bool, ledger.Ledger]:
    """Whether the answer earns something, and the ledger after that one comparison."""
    with ledger.opened() as book:
        return answer == comparer, book


def graded(answer: Any, comparer: object) -> tuple[Fraction, ledger.Ledger]:
    """The share, and the ledger."""
    earns, book = compared(answer, comparer)
    return (book.share if earns else Fraction(0)), book


def share_of(answer: Any, comparer: object) -> Fraction:
    return graded(answer, comparer)[0]


def said(answer: Any, comparer: object, lang: str = "en") -> str:
    """The sentences for the student."""
    return " ".join(text.in_language(lang) for text in compared(answer, comparer)[1].texts)
