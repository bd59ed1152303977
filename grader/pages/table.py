"""A table as a CSV file for a spreadsheet, which would run a text that looks like a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from grader.pages.text import visible

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text cell that begins so (OWASP)


def csv_table(rows: Iterable[Iterable[object]]) -> str:
    """Rows as the text of a CSV file (RFC 4180): texts as `spreadsheet_cell` has them, a lone dash as it is."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(
        [spreadsheet_cell(cell) if isinstance(cell, str) and cell != "-" else cell for cell in row] for row in rows
    )
    return out.getvalue()


def spreadsheet_cell(text: str) -> str:
    """A text for a CSV file: visible, and never run as a formula."""
    return f"'{visible(text)}" if text.startswith(FORMULA_STARTS) else visible(text)


def from_spreadsheet_cell(text: str) -> str:
    """The text that `spreadsheet_cell` was given, as far as it was visible."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
