"""What bytes say as text: UTF-8 is asked for, and what Windows saves here instead is recognised."""

from __future__ import annotations

import codecs
import io
import tokenize

from grader.phrases import phrase
from grader.records import Text


def guessed(content: bytes) -> str:
    """UTF-16 by its mark or zero bytes; cp1256, Windows' Arabic page, by the letters that it gives; "" for neither."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or content.count(0) > len(content) // 4:
        return "UTF-16"
    letters = [c for c in content.decode("cp1256") if not c.isascii() and c.isalpha()]
    if letters and sum("\u0600" <= c <= "\u06ff" for c in letters) > len(letters) // 2:
        return "Windows-1256"
    return ""


def decoded(content: bytes) -> str:
    """The text, by UTF-8 where it is that, else by the guess; what cannot be read becomes the replacement character.

    >>> decoded("سلام".encode("cp1256")) == decoded("سلام".encode("utf-16")) == "سلام"
    True
    """
    try:
        text = content.decode("utf-8-sig")
        if "\0" not in text:
            return text
    except UnicodeDecodeError:
        pass
    is_big = content.startswith(codecs.BOM_UTF16_BE) or content[::2].count(0) > content[1::2].count(0)
    codec = {"UTF-16": "utf-16-be" if is_big else "utf-16-le", "Windows-1256": "cp1256"}.get(guessed(content), "utf-8")
    return content.decode(codec, "replace").removeprefix("\ufeff")


def encoding_note(name: str, content: bytes) -> Text | None:
    """What to tell about a module that is not UTF-8 (a byte order mark is fine) and does not declare what it is."""
    try:
        declared, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if declared not in ("utf-8", "utf-8-sig"):
            return None
        content.decode()
        if b"\0" not in content:
            return None
    except (SyntaxError, ValueError):
        pass
    encoding = guessed(content)
    return phrase("unpack.encoding" if encoding else "unpack.unknown_encoding", name=name, encoding=encoding)
