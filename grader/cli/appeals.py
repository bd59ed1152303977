"""When a student asks why: each check that they lost points at, what was asked, what they gave, what was expected.

Separate from the pages, which are for students or for a whole class: this is for whoever sits at the desk with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from grader.cli.paragraphs import named, paragraphs
from grader.errors import GraderError
from grader.marks import checks_of
from grader.marksheets import marksheets, read_result
from grader.names import shown
from grader.phrases import phrase
from grader.records import Outcome

LONGEST_LINE = 1_000  # characters: enough of an answer that may be a million


def appeal(student: str, folder: Path) -> None:
    """Print what a student lost points at, from their marksheet and run file in an assignment's folder of results."""
    if not student.strip():
        raise GraderError("--student is empty: type one student's id as results.csv has it.")
    path = next((path for path in marksheets(folder) if path.stem == student), None)
    if path is None:
        raise GraderError(f"There is no marksheet of {student} in {folder}: type the id as results.csv has it.")
    marksheet = read_result(path)
    sheet, run = marksheet.sheet, marksheet.run
    click.echo(f"{shown(marksheet.student)}: {sheet['score']:g} of {sheet['max_score']:g} by the machine")
    for note in run.get("notes", ()):  # an archive that stayed closed explains all that follows
        paragraphs("\n".join(_lines(note["en"])), 2)
    for key, check in checks_of(sheet).items():
        detail = run.get("checks", {}).get(key, {}).get("detail", "")
        is_essay = check["outcome"] == Outcome.MANUAL and not detail
        if check["earned"] != check["points"] and not is_essay:
            _lost(check, detail)


def _lost(check: Mapping[str, Any], detail: str) -> None:
    word = phrase(f"page.outcome.{check['outcome']}").en.lower()
    earned = "-" if check["earned"] is None else f"{check['earned']:g}"
    click.echo(f"  {word:<16} {named(check['part'])} {earned} of {check['points']:g}  {check['id']}")
    if check["outcome"] == Outcome.UNWRITTEN:
        return
    paragraphs(phrase("page.asked", says=check["says"]["en"]).en, 6)
    paragraphs("\n".join(_lines(check["message"]["en"])), 6)
    for line in _lines(detail):
        click.echo(f"      | {line}")


def _lines(text: str) -> list[str]:
    """Lines that a terminal can be given: a student's own words may be in them."""
    return [shown(line, LONGEST_LINE) for line in text.splitlines()]
