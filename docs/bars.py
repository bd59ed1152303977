"""Makes the table in docs/bars.md from `bars.toml` of every assignment.

python docs/bars.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.course import find_course

PAGE = Path(__file__).with_name("bars.md")
BEGIN, END = "<!-- made by docs/bars.py -->\n", "<!-- until here -->\n"
HEAD = """\
| measure, source | bars | shares | rows | n | mean | sd | lowest | linear | untrained | shuffled | may lie | seconds |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
FIGURES = ("mean", "sd", "lowest", "linear", "untrained", "shuffled")
MARGIN = 0.08  # of a bar above the linear model


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every section of every bars.toml with its full name, in the order of the files."""
    course = find_course(PAGE.parent.parent)
    for assignment in map(course.assignment, course.assignments):
        for measure, sources in assignment.bars().items():
            for source, section in sources.items():
                yield f"{assignment.id}.{measure}, {source}", section


def line(name: str, section: dict[str, Any]) -> str:
    """One row of the table; what a section does not have stays empty."""
    cells = [
        name,
        ", ".join(f"{bar:g}" for bar in section.get("bars", [])),
        ", ".join(section.get("shares", [])),
        f"{section['rows']:,}",
        str(section["n"]),
        *(f"{section[figure]:.4f}" if figure in section else "" for figure in FIGURES),
        _span(section),
        f"{section['seconds']:.0f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _span(section: dict[str, Any]) -> str:
    if "exempt" in section or "bars" not in section:
        return ""
    return f"{section['linear'] + MARGIN:.3f} to {section['mean'] - 3 * section['sd']:.3f}"


def page() -> str:
    """The whole page, its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table = HEAD + "".join(line(name, section) for name, section in sections())
    return before + BEGIN + table + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
