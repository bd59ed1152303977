"""What a hostile member of the class hands in, and which part it must not earn by it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.place import right, rows

WORKED = "it-" + "worked"  # what a hand-in says that got what it wanted; never as one text in what is handed in
GROUPS = ("reading", "forging", "breaking", "crossing", "escaping", "cheating", "archives")


@dataclass(frozen=True)
class Member:
    """One hostile hand-in. `part`: what it must not earn ("" is everything); `slow`: it is stopped by a deadline."""

    group: str
    files: dict[str, bytes]
    part: str = "q1a"
    slow: bool = False
    lay: Callable[[Path], None] = lambda folder: None  # what is no plain file: links and pipes


def module(source: str, **names: Any) -> dict[str, bytes]:
    """Solved rows and table with `source` after the first module; `names` are constants of the source."""
    head = "".join(f"{name} = {value!r}\n" for name, value in {"WORKED": WORKED, **names}.items())
    return rows() | {"q1_rows.py": rows()["q1_rows.py"] + ("\n\n" + head + textwrap.dedent(source)).encode()}


def network(source: str, **more: bytes) -> dict[str, bytes]:
    """The solved homework with `source` after the network's module."""
    return right() | {"q3_net.py": right()["q3_net.py"] + ("\n\n" + textwrap.dedent(source)).encode(), **more}
