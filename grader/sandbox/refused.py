"""What may not cross the wire, in both languages: a student's process says it in English, for it holds no phrases."""

from __future__ import annotations

import re

from grader.phrases import phrase
from grader.records import Text

WHATS = (
    "refused.type",
    "refused.generator",
    "refused.sparse",
    "refused.tensor",
    "refused.array",
    "refused.key",
    "refused.large_key",
    "refused.nested",
    "refused.values",
    "refused.text",
    "refused.whole",
    "refused.surrogate",
    "refused.axes",
    "refused.size",
    "refused.arrays",
    "refused.formula",
    "refused.lazy",
)
GAP = "\x00"  # stands where a sentence's value does; no sentence has it


def in_both(what: str) -> Text:
    """A WireError's words in both languages; as they are where they are none of ours.

    >>> in_both("an array of dtype object").fa
    'آرایه‌ای از نوع object'
    """
    for key in WHATS:
        pattern = "(.*)".join(map(re.escape, phrase(key, value=GAP).en.split(GAP)))
        if found := re.fullmatch(pattern, what):
            value = "".join(found.groups())
            return phrase(key, value=int(value) if re.fullmatch("[0-9]{1,9}", value) else value)
    return Text(what)
