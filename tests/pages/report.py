"""The instructor's page of the sample class, and the tables on it."""

from __future__ import annotations

import re
from typing import Any

from grader.report import MOST_MISTAKES, report_page
from tests.pages.parsed import words
from tests.pages.sample import a_check, a_class, a_sheet, an_assignment, graded, marksheets


def page(sheets: list[dict[str, Any]] | None = None, runs: list[dict[str, Any]] | None = None) -> str:
    return report_page(marksheets(sheets or a_class(), runs or []), an_assignment())


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table in the section with this heading."""
    section = text[text.index(f'id="{heading}"') :]
    body = section[section.index("<tbody>") : section.index("</tbody>")]
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in body.split("<tr>")[1:]]


def tiles(text: str) -> dict[str, str]:
    return {name: words(value) for name, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)}


def long_tail() -> list[dict[str, Any]]:
    """A class in which everybody made another mistake, five more than are shown."""
    return [
        a_sheet(f"s{i}", {"q2_conv_backprop": [graded("q2.dF", 6.0, 3.0, f"mistake {i}")]})
        for i in range(MOST_MISTAKES + 5)
    ]


def incident_class(outcomes: list[str]) -> list[dict[str, Any]]:
    return [
        a_sheet(f"s{i}", {"q1_learning_rates": [a_check("t", "q1a", 2.0, o, message=("It broke.", ""))]})
        for i, o in enumerate(outcomes)
    ]
