"""The engine's own sentences in English and Persian, kept in phrases.toml: students read them, so they are content."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from grader.records import Text

PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("grader").joinpath("phrases.toml").read_text(encoding="utf-8"))


def phrase(key: str, **values: object) -> Text:
    """The sentence `key` with its values filled in; whole numbers get Persian digits in the Persian sentence.

    A value that is a Text is filled in in each sentence's language.
    """
    sentence = _table()[key]
    persian = {name: _persian(value) for name, value in values.items()}
    return Text(sentence["en"].format(**values), sentence["fa"].format(**persian))


def said(key: str, lang: str, **values: object) -> str:
    """The same sentence in one language."""
    return phrase(key, **values).in_language(lang)


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """What a text of a marksheet or run file says, in English where it says nothing in this language."""
    return texts.get(lang) or texts.get("en", "")


def _persian(value: object) -> object:
    if isinstance(value, Text):
        return value.in_language("fa")
    return str(value).translate(PERSIAN_DIGITS) if type(value) is int else value
