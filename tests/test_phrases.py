"""The engine's sentences: each in two languages with the same names, each used, and well typeset in Persian."""

from __future__ import annotations

import re
import tomllib
from string import Formatter

import pytest

from grader.phrases import phrase
from tests.sample_course import ROOT

TABLE: dict[str, dict[str, str]] = tomllib.loads((ROOT / "grader" / "phrases.toml").read_text(encoding="utf-8"))
SOURCES = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "grader").rglob("*") if p.suffix in (".py", ".j2"))
# What is not prose stays Latin: what is filled in, code, formulas, anything with Latin letters in it (float32, hw5).
NOT_PROSE = re.compile(r"\{\w*\}|`[^`]*`|<[^>]*>|[\w./:+-]*[A-Za-z][\w./:+-]*|[0-9]+/[0-9{]|[<>=] ?[0-9]+")
ILL_SET = {
    "an Arabic letter or digit": re.compile("[يكىة٠-٩]"),
    "a space before a mark": re.compile(r" [،؛:!؟]| \.(?![a-z])"),
    "a half-space at a word's edge": re.compile("\u200c( |$)|(^| )\u200c"),
}


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_names() -> None:
    """What is filled into the English sentence is filled into the Persian one."""
    assert [key for key, said in TABLE.items() if set(said) != {"en", "fa"}] == []
    assert [key for key, said in TABLE.items() if names_in(said["en"]) != names_in(said["fa"])] == []


@pytest.mark.parametrize("fault", ILL_SET)
def test_persian_is_typeset_as_persian(fault: str) -> None:
    """Persian ye and kaf (the Arabic ones look alike and break searching), marks and half-spaces where they belong."""
    assert [key for key, said in TABLE.items() if ILL_SET[fault].search(said["fa"])] == []


def test_numbers_in_persian_prose_are_persian() -> None:
    """Latin digits stand in code and formulas alone."""
    assert [key for key, said in TABLE.items() if re.search("[0-9]", NOT_PROSE.sub("", said["fa"]))] == []


def is_said(key: str) -> bool:
    """Whether the code holds the key, or what it is made of: f"close.a.{kind}", "page." ~ kind, f"{level.key}.each"."""
    dots = [place for place, letter in enumerate(key) if letter == "."]
    return (
        any(quoted in SOURCES for quoted in (f'"{key}"', f"'{key}'"))
        or any(f'"{key[: place + 1]}{end}' in SOURCES for place in dots for end in ("{", '" ~ '))
        or any(f'"{key[:place]}"' in SOURCES and f'}}{key[place:]}"' in SOURCES for place in dots)
    )


def test_every_sentence_is_used() -> None:
    """A sentence that nobody says any more is taken out."""
    assert [key for key in TABLE if not is_said(key)] == []


def test_numbers_are_filled_in_by_language() -> None:
    """A count is filled in with the digits of the language that it is read in."""
    told = phrase("proxy.deadline", seconds=10)

    assert "10" in told.en
    assert "۱۰" in told.fa


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    """A misspelt key fails at once, in the first test that says it."""
    with pytest.raises(KeyError):
        phrase("proxy.no_such_sentence")
