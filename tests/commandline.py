"""What is typed at the command line, and what several of its tests put before it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from grader.cli import main
from grader.records import Site

HEAD = "solutions/hw1/"
RUN = ("run", "hw1", "--submissions", "class")
MARKED = "z:key:[red][link=mailto:x@y]"  # an id that can name a file


def typed(*words: str, folder: Path | None = None) -> Result:
    """`grader WORDS`, typed in `folder`."""
    before = Path.cwd()
    os.chdir(folder or before)
    try:
        return CliRunner().invoke(main, list(words))
    finally:
        os.chdir(before)


def append(file: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return change


class NoPool:
    """Grades nobody."""

    site = Site((), 3, "", ())

    def grade(self, tasks: Any) -> Iterator[Any]:
        return iter(())

    def close(self) -> None: ...
