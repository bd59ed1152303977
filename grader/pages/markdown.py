"""Persian Markdown in which code keeps its own direction, for pages that other programs render."""

from __future__ import annotations

import html
import re

CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"((?:^ {4}.*(?:\n|\Z))+|^```(?:.|\n)*?^```$\n?)", re.MULTILINE)
FIRM = re.compile(r"[A-Za-z0-9](?:.*[A-Za-z0-9)\]])?")  # what keeps its direction by itself
MARKUP = str.maketrans({sign: f"&#{ord(sign)};" for sign in "\\*_[]~"})  # Markdown within HTML is Markdown still


def left_to_right(markdown: str) -> str:
    """Code in a Persian text says its own direction: else signs and brackets at its edges would change sides."""

    def turned(match: re.Match[str]) -> str:
        code = match[1]
        if FIRM.fullmatch(code):
            return match[0]
        return f'<code dir="ltr">{html.escape(code, quote=False).translate(MARKUP)}</code>'

    pieces = BLOCK.split(markdown)  # text and blocks of code in turn
    pieces[::2] = [CODE.sub(turned, text) for text in pieces[::2]]
    pieces[1::2] = [f'<div dir="ltr">\n\n{block.rstrip()}\n\n</div>\n' for block in pieces[1::2]]
    return "".join(pieces)
