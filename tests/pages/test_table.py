"""What the engine writes as a table is opened by spreadsheets as it was meant."""

from __future__ import annotations

import csv
from io import StringIO

from grader.pages.table import csv_table


def test_no_text_is_a_formula() -> None:
    """A spreadsheet runs what begins with =, +, - or @; a lone dash is none."""
    ((formula, dash, quoted),) = csv.reader(StringIO(csv_table([["=1+1", "-", 'a "b", c']])))

    assert (formula, dash, quoted) == ("'=1+1", "-", 'a "b", c')
