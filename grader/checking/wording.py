"""The words in which comparers speak to students: both languages at once, a student's own text short and clean."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from grader.phrases import phrase
from grader.records import Text
from grader.sandbox.submission import Formula

NAMES = 5  # more names than this nobody reads
LENGTH = 40  # characters of a student's own text that are repeated


def together(sentences: Iterable[Text]) -> Text:
    """Sentences one after another, each once, empty ones left out."""
    once = [text for text in dict.fromkeys(sentences) if text.en]
    return Text(" ".join(text.en for text in once), " ".join(text.in_language("fa") for text in once))


def listed(names: Sequence[Text | str]) -> Text:
    """Names with commas between them, cut after the fifth."""
    texts = [name if isinstance(name, Text) else Text(name, name) for name in names[:NAMES]]
    more = ["…"] if len(names) > NAMES else []
    return Text(", ".join([*(t.en for t in texts), *more]), "، ".join([*(t.in_language("fa") for t in texts), *more]))


def short(value: object) -> str:
    """A student's own key or word on one line: printable, at most 40 characters, no backquote to end a code span."""
    text = value[: LENGTH + 1] if isinstance(value, str) else str(value)
    text = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in text)
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def kind_of(value: Any) -> Text:
    """What a value is, in a student's words."""
    if value is None:
        return phrase("close.a.none")
    if isinstance(value, bool):
        return phrase("close.a.truth")
    if isinstance(value, int | float | complex | np.number):
        return phrase("close.a.number")
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return phrase("close.a.truths" if value.dtype.kind == "b" else "close.a.table")
    for kind, key in (
        (str, "close.a.text"),
        (dict, "close.a.dict"),
        (list | tuple, "close.a.list"),
        (Formula, "close.a.formula"),
    ):
        if isinstance(value, kind):
            return phrase(key)
    return phrase("close.a.thing", name=short(type(value).__name__))


def cut(value: Any) -> str:
    """A value for the instructor's eyes, however large or deep it is."""
    brief = reprlib.Repr()
    brief.maxdict = brief.maxlist = brief.maxtuple = 30
    brief.maxstring = brief.maxother = brief.maxlong = 600
    try:
        return brief.repr(value)
    except ValueError:  # Python does not write out whole numbers of more than 4,300 digits
        return "a whole number of thousands of digits"
