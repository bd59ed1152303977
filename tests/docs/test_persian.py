"""README.fa.md is spelt as Persian is, and its two directions stay apart."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import PERSIAN, prose

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


def written_by_hand() -> str:
    """The Persian page without its code."""
    return re.sub(r"`[^`\n]*`", "`…`", prose(PERSIAN))


@pytest.mark.parametrize("slip", SLIPS)
def test_the_page_is_spelt_well(slip: str) -> None:
    """Letters, half-spaces, digits and marks of README.fa.md are Persian ones."""
    text = written_by_hand()

    assert [text[max(0, m.start() - 20) : m.end() + 20] for m in re.finditer(SLIPS[slip], text)] == []


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
