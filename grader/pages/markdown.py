"""Persian Markdown in which code keeps its own direction, for pages that other programs render."""

from __future__ import annotations

import html
import re

from grader.pages.text import CODE

BLOCK = re.compile(r"((?:^ {4}.*(?:\n|\Z))+|^```(?:.|\n)*?^```$\n?)", re.MULTILINE)
LATIN = re.compile(r"^([*-] )([^\u0600-\u06ff]+?)(?=\n[*-] |\n\n|\Z)", re.MULTILINE)  # a reference in an item
MARKUP = str.maketrans({sign: f"&#{ord(sign)};" for sign in "\\*_[]~"})  # Markdown within HTML is Markdown still


def left_to_right(markdown: str) -> str:
    """Code in a Persian text says its own direction: else `1 - x` would read as x - 1, and two names in a row swap."""

    def turned(match: re.Match[str]) -> str:
        return f'<code dir="ltr">{html.escape(match[1], quote=False).translate(MARKUP)}</code>'

    pieces = BLOCK.split(markdown)  # text and blocks of code in turn
    pieces[::2] = [LATIN.sub(r'\1<span dir="ltr">\2</span>', CODE.sub(turned, text)) for text in pieces[::2]]
    pieces[1::2] = [f'<div dir="ltr">\n\n{block.rstrip()}\n\n</div>\n' for block in pieces[1::2]]
    return "".join(pieces)
