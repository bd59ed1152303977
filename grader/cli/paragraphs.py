"""What commands print alike: sentences that break between words on a terminal, and a part's two columns."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click

from grader.labels import part_label


def paragraphs(text: str, indent: int) -> None:
    """Print the lines of `text`, each under `indent` spaces and its own; what goes on in the next line stands below.

    A pipe gets each line whole.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in text.splitlines():
        before = " " * (indent + len(line) - len(line.lstrip()))
        click.echo(_broken(line.strip(), before, width) if width else before + line.strip())


def named(part: str, lang: str = "en") -> str:
    """Two columns: what people call the part, and its id in the module."""
    return f"{part_label(part, lang):<11} {part:<10}"


def _broken(line: str, before: str, width: int) -> str:
    """One line as several; a word that is longer than the terminal is wide stays whole."""
    return textwrap.fill(
        line,
        width,
        initial_indent=before,
        subsequent_indent=before,
        break_long_words=False,
        break_on_hyphens=False,
    )
