"""Sentences on a terminal: lines that break between words, under an indent. A pipe gets each line whole."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click


def paragraphs(text: str, indent: int) -> None:
    """Print the lines of `text`, each under `indent` spaces and its own; what goes on in the next line stands below."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in text.splitlines():
        before = " " * (indent + len(line) - len(line.lstrip()))
        click.echo(_broken(line.strip(), before, width) if width else before + line.strip())


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
