"""Tables that instructors save from a spreadsheet: the roster, and the marks of a marking sheet.

Separate because both come by way of Excel or LibreOffice, which separate cells, encode text and take ids for numbers as
the country's settings have it. What can be read for certain is read; the rest is refused and never guessed.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from io import StringIO

from grader.errors import GraderError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+")  # 1.23457E+11, for a number of twelve digits and more


@dataclass(frozen=True)
class Table:
    """The names in the first line, in small letters, and each row by its line number and its cells by column.

    Blank rows are left out.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_table(name: str, content: bytes, columns: Collection[str]) -> Table:
    """The table in the file `name`, in UTF-8 or UTF-16, its cells separated by whatever finds most of `columns`.

    Raises GraderError for what is no such file, for one of `columns` that is there twice, and for a row that is longer
    than the first: its cells would stand under the wrong names.
    """
    try:
        text = _text(content)
        separator = max(SEPARATORS, key=lambda each: len({*columns} & {*_first(text, each)}))  # a comma where none does
    except (ValueError, csv.Error) as fault:
        raise GraderError(f"{name} is no CSV file in UTF-8 ({fault}); save it as `CSV UTF-8`.") from fault
    names, lines = _first(text, separator), _lines(name, text, separator)
    if twice := [column for column in columns if names.count(column) > 1]:
        raise GraderError(f"{name} has two columns {twice[0]}; keep one.")
    for line, cells in lines:
        if any(map(str.strip, cells[len(names) :])):
            raise GraderError(
                f"{name}, line {line} has more cells than the first line; put what has a {SEPARATORS[separator]} in it "
                "into quotes."
            )
    return Table(tuple(names), tuple((line, dict(zip(names, cells, strict=False))) for line, cells in lines[1:]))


def spoilt_id(id: str, known: Collection[str]) -> str:
    """What is wrong with an id that a spreadsheet took for a number, as a sentence; "" where nothing tells of that.

    >>> spoilt_id("7", ["007"])
    "7 is no student's id, while 007 is: a spreadsheet drops zeros. Format that column as text and write the ids again."
    """
    again = "Format that column as text and write the ids again."
    if id in known:
        return ""
    if ROUNDED.fullmatch(id):
        return f"{id} is no student's id, but what a spreadsheet makes of a long number. {again}"
    whole = next((each for each in known if id.isdigit() and id.zfill(len(each)) == each), "")
    return f"{id} is no student's id, while {whole} is: a spreadsheet drops zeros. {again}" if whole else ""


def _text(content: bytes) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # Excel's Unicode text
    text = content.decode("utf-16" if marked else "utf-8-sig")
    if "\0" in text:
        raise ValueError("it has zero bytes")
    return text


def _lines(name: str, text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Whatever is not blank, by line number; strictly, for an open quote would swallow the rows below it."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as fault:
        raise GraderError(f"{name}, line {reader.line_num}: {fault}; mend the quotes there or above.") from fault


def _first(text: str, separator: str) -> list[str]:
    """The names in the first line that is not blank, in small letters, also by a separator that is not the file's."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    return next(([cell.strip().lower() for cell in cells] for cells in reader if any(map(str.strip, cells))), [])
