"""Names that come from outside: which are safe to keep as file names, which are twins, and how to show a bad one.

Separate because hand-ins, archives' members and report sentences all meet the same names: a right-to-left override in
one of them would make `exe.yp` look like `py.exe` in a terminal or on a page.
"""

from __future__ import annotations

import unicodedata

LONGEST_ID = 100  # characters; with `.run.json` behind it a name must stay under the file systems' 255 bytes
JOINERS = "\u200c\u200d"  # the half-space of Persian names and its sister: invisible, but letters need them


def odd_character(character: str) -> bool:
    """Is it a control, a bidi mark, a surrogate or a line separator: nothing that belongs in a name."""
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and character not in JOINERS)


def twin_key(name: str) -> str:
    """What two names share that look alike: NFC, letter case folded, invisible joiners gone."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return folded.translate(dict.fromkeys(map(ord, JOINERS)))


def shown(name: str, longest: int = LONGEST_ID) -> str:
    """The name fit for a sentence: odd characters as escapes, cut after `longest` characters.

    >>> shown("q1\\u202eyp.exe")
    'q1\\\\u202eyp.exe'
    """
    text = "".join(c.encode("unicode_escape").decode() if odd_character(c) else c for c in name[: longest + 1])
    return text if len(text) <= longest else text[:longest] + "…"


def safe_id(name: str) -> bool:
    """Can a student's id name a file: no separator, control, bidi mark or leading dot, at most 100 characters.

    Nor does it end in `.run`: a.run.json would be the marksheet of a.run and the run file of a.
    """
    return (
        0 < len(name) <= LONGEST_ID
        and not name.startswith(".")
        and not twin_key(name).endswith(".run")
        and not any(c in "/\\" or odd_character(c) for c in name)
        and len(name.encode()) <= 2 * LONGEST_ID  # 200 bytes: Persian letters take two
    )
