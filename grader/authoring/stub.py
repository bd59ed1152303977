"""From a question with its solution to the stub that a student receives.

A region (`# BEGIN SOLUTION` ... `# END SOLUTION`) in a function becomes its `# STUB` lines if it has any (a form laid
out with `...`), else `raise NotImplementedError("q2.dF: not written yet")`; a region at module level vanishes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CourseError
from grader.records import PART, unwritten

BEGIN, END, LAID_OUT = "# BEGIN SOLUTION", "# END SOLUTION", "# STUB"
TELLING = 12  # characters: shorter lines (`return x`, `else:`) say nothing about a solution


@dataclass(frozen=True)
class Region:
    """Lines of one region, by number from 0: `begin` and `end` are its markers."""

    begin: int
    end: int
    indent: int


def stub_of(path: Path) -> str:
    """The stub's text; CourseError for a region left open, nested, or a question that is not Python."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise CourseError(f"{path} cannot be read ({fault}); assignment.toml lists it as a question.") from fault
    lines = text.splitlines()
    parts = _parts_by_line(path, text)
    kept: list[str] = []
    place = 0
    for region in regions(path, lines):
        kept += lines[place : region.begin]
        kept += _replacement(region, lines, parts)
        place = region.end + 1
    kept += lines[place:]
    stub = re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept).rstrip() + "\n")
    try:
        ast.parse(stub)
    except SyntaxError as fault:
        raise CourseError(f"{path}: its stub would not be Python ({fault.msg}, stub line {fault.lineno}).") from fault
    return stub


def regions(path: Path, lines: list[str]) -> list[Region]:
    """The solution regions in the lines of `path`, in their order; CourseError for one left open or nested."""
    found: list[Region] = []
    begin: int | None = None
    for number, line in enumerate(lines):
        if line.strip() == BEGIN:
            if begin is not None:
                raise CourseError(f"{path}:{number + 1}: {BEGIN} inside the region that line {begin + 1} opens.")
            begin = number
        elif line.strip() == END:
            if begin is None:
                raise CourseError(f"{path}:{number + 1}: {END} closes no region.")
            found.append(Region(begin, number, len(lines[begin]) - len(lines[begin].lstrip())))
            begin = None
    if begin is not None:
        raise CourseError(f"{path}:{begin + 1}: the region is left open; close it with {END}.")
    return found


def telling_lines(path: Path) -> set[str]:
    """Lines of regions that would give the answer away: long enough, and nowhere outside a region."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = regions(path, lines)
    inside = {n for region in found for n in range(region.begin + 1, region.end)}
    outside = {lines[n].strip() for n in range(len(lines)) if n not in inside}
    shown = {line.strip() for region in found for line in _laid_out(region, lines)}
    said = {lines[n].strip() for n in inside if not lines[n].strip().startswith("#")}
    return {line for line in said - outside - shown if len(line) >= TELLING}


def public_names(stub: str) -> list[str]:
    """The functions and classes at the top of a module whose names do not begin with an underscore."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(stub).body if isinstance(node, kinds) and not node.name.startswith("_")]


def _replacement(region: Region, lines: list[str], parts: dict[int, str]) -> list[str]:
    margin = " " * region.indent
    if laid_out := _laid_out(region, lines):
        return [(margin + line.removeprefix(" ")).rstrip() for line in laid_out]
    if region.indent == 0:
        return []
    return [f'{margin}raise NotImplementedError("{unwritten(parts.get(region.begin, "this part"))}")']


def _laid_out(region: Region, lines: list[str]) -> list[str]:
    """What stands after `# STUB` in the region's lines."""
    inside = (line.strip() for line in lines[region.begin + 1 : region.end])
    return [line.removeprefix(LAID_OUT) for line in inside if line.startswith(LAID_OUT)]


def _parts_by_line(path: Path, text: str) -> dict[int, str]:
    """The part that each line of a function belongs to, as its docstring (or its class's) begins with it."""
    try:
        tree = ast.parse(text)
    except SyntaxError as fault:
        raise CourseError(f"{path}:{fault.lineno}: {fault.msg}.") from fault
    found: dict[int, str] = {}
    for node in ast.walk(tree):  # breadth first: an inner function's own label overwrites its class's
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            label = PART.match(ast.get_docstring(node) or "")
            if label is not None and node.end_lineno is not None:
                found.update(dict.fromkeys(range(node.lineno - 1, node.end_lineno), label.group(1)))
    return found
