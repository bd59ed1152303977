"""Persian text is spelt as Persian is and calls each notion by one word; README.fa.md keeps its directions apart."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import PERSIAN, prose
from tests.sample_course import ROOT

LETTER = "[آ-ی]"
SLIPS = {
    "an Arabic letter (ي, ك, ة) for a Persian one": "[يكة]",
    "می and نمی joined to their verb by a blank": f"(?<!{LETTER})ن?می {LETTER}",
    "the plural ها after a blank": f"{LETTER} ها(ی|یی)?(?!{LETTER})",
    "تر and ترین after a blank": f"{LETTER} تر(ین)?(?!{LETTER})",
    "a Latin comma, semicolon or question mark": f"{LETTER}[,;?]",
    "a blank before a mark of punctuation": f"{LETTER} [،؛؟.:](?!\\w)",
    "a half-space at the edge of a word": f"\u200c(?!{LETTER})|(?<!{LETTER})\u200c",
    "Latin digits in prose": f"{LETTER} [0-9]+ {LETTER}",
}


def strings(value: Any) -> Iterator[str]:
    """Every string of a TOML file that has a Persian letter."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)
    elif isinstance(value, str) and re.search(LETTER, value):
        yield value


def written_by_hand(path: Path) -> str:
    """The Persian of a page or a TOML file without its code."""
    text = path.read_text(encoding="utf-8")
    pages = [text] if path.suffix == ".md" else strings(tomllib.loads(text))
    return "\n".join(re.sub(r"`[^`\n]*`", "`…`", prose(page)) for page in pages)


TEXTS = {
    str(path.relative_to(ROOT)): written_by_hand(path)
    for path in [
        ROOT / "README.fa.md",
        ROOT / "course.toml",
        ROOT / "grader" / "phrases.toml",
        ROOT / "grader" / "authoring" / "start.fa.md",
        *sorted((ROOT / "solutions").glob("*/*.toml")),
    ]
}
GLOSSARY = tomllib.loads((ROOT / "docs" / "glossary.toml").read_text(encoding="utf-8"))["terms"]
OTHER_WORDS = {word: term["fa"] for term in GLOSSARY.values() for word in term.get("not", [])}


@pytest.mark.parametrize("slip", SLIPS)
def test_every_text_is_spelt_well(slip: str) -> None:
    """Letters, half-spaces, digits and marks are Persian ones, in every statement, hint, essay and page."""
    found = [
        (name, text[max(0, m.start() - 20) : m.end() + 20])
        for name, text in TEXTS.items()
        for m in re.finditer(SLIPS[slip], text)
    ]

    assert found == []


def test_each_notion_has_one_word() -> None:
    """No text uses a word that the glossary gives up for another."""
    found = [
        (name, word, f"write {OTHER_WORDS[word]}")
        for name, text in TEXTS.items()
        for word in OTHER_WORDS
        if re.search(f"(?<!{LETTER})(?<!\u200c){re.escape(word)}(?!{LETTER})", text)
    ]

    assert found == []


def test_the_glossary_is_of_one_mind() -> None:
    """About 80 terms or more; no word is both chosen and given up, except within a longer one."""
    chosen = [term["fa"] for term in GLOSSARY.values()]

    assert len(GLOSSARY) >= 80
    assert not set(chosen) & set(OTHER_WORDS)


EXAMPLES = ["كتاب", "او می رود", "کتاب ها", "بزرگ تر است", "اگر, پس", "تمام شد .", "کتاب\u200c است", "در 7 روز"]


@pytest.mark.parametrize(("slip", "text"), list(zip(SLIPS, EXAMPLES, strict=True)))
def test_a_slip_would_be_found(slip: str, text: str) -> None:
    """The control: each rule finds the slip that it is for."""
    assert re.search(SLIPS[slip], text)


def test_left_to_right_stays_within_right_to_left() -> None:
    """Blocks of either direction open and close in pairs, and every block of code stands in a left-to-right one."""
    open_blocks: list[str] = []
    fenced = False
    for line in PERSIAN.splitlines():
        if match := re.match(r'<div dir="(rtl|ltr)">', line):
            open_blocks.append(match[1])
        elif line == "</div>":
            open_blocks.pop()
        elif line.startswith("```"):
            fenced = not fenced
        if line.startswith("```") or (line.startswith("    ") and not fenced):
            assert open_blocks[-1] == "ltr", line

    assert open_blocks == []
    assert not fenced
