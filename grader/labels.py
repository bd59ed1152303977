"""What people call a part: its label, 6(e) or ۶-ث, beside the id that stands in modules and headings, q6th."""

from __future__ import annotations

import re

from grader.phrases import PERSIAN_DIGITS

LETTERS = {  # the ids' letters, Latin or transcribed Persian, and what people see
    "a": ("a", "الف"), "b": ("b", "ب"), "c": ("c", "پ"), "p": ("c", "پ"), "d": ("d", "ت"), "t": ("d", "ت"),
    "e": ("e", "ث"), "th": ("e", "ث"), "f": ("f", "ج"), "j": ("f", "ج"), "g": ("g", "چ"), "h": ("h", "ح"),
}  # fmt: skip
PART = re.compile(r"q(\d+)(th|[a-z])?(?:\.(\w+))?")
KINDS = {"essay", "auto"}  # suffixes that tell companions apart, which the title does for people


def part_label(part: str, lang: str = "en") -> str:
    """What people call a part: q6th is 6(e) and ۶-ث, q2.dF is 2 dF; an id of another form is shown as it is."""
    found = PART.fullmatch(part)
    if not found or (found[2] and found[2] not in LETTERS):
        return part
    digits, letter, name = found[1], LETTERS.get(found[2] or ""), found[3]
    tail = f" {name}" if name and name not in KINDS else ""
    if lang == "fa":
        return digits.translate(PERSIAN_DIGITS) + (f"-{letter[1]}" if letter else "") + tail
    return digits + (f"({letter[0]})" if letter else "") + tail


def part_rank(part: str) -> str:
    """What orders the parts of a question: q6th stands at e, q2.dF, which has no letter, before all letters."""
    found = PART.fullmatch(part)
    return LETTERS.get((found and found[2]) or "", ("",))[0]
