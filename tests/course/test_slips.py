"""Each slip of the answer sheets that the course comes from is caught, by a check or by a line that a person marks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.authoring.verify import Expected, expectations
from grader.course import Essay, Question, RubricLine, find_course
from tests.sample_course import ROOT

COURSE = find_course(ROOT)
SLIPS = tomllib.loads((Path(__file__).parent / "slips.toml").read_text(encoding="utf-8"))
SAID_BY_THE_ENGINE = {"Line 2", "NameError"}  # in place of a hint
each_slip = pytest.mark.parametrize("slip", SLIPS.values(), ids=list(SLIPS))


def mistakes(slip: dict[str, Any]) -> Iterator[tuple[Question, Path]]:
    """The question and the file of each mistake that has the slip."""
    for name in slip.get("mistakes", []):
        assignment, question, stem = name.split("/")
        found = COURSE.assignment(assignment).question(question)
        yield found, found.source.parent / "mistakes" / question / f"{stem}.py"


def named(path: Path) -> dict[str, Expected]:
    """What a mistake file expects, by part, where a hint comes with it."""
    return {part: expected for part, expected in expectations(path).items() if expected.hint}


def rubric_line(slip: dict[str, Any]) -> tuple[str, Essay, RubricLine] | None:
    """The assignment, the essay and the line of its rubric that catches the slip."""
    if "essay" not in slip:
        return None
    assignment, part = slip["essay"].split("/")
    essay = next(essay for essay in COURSE.assignment(assignment).essays if essay.part == part)
    (line,) = (line for line in essay.rubric if slip["line"] in line.text.en)
    return assignment, essay, line


def row(name: str, slip: dict[str, Any]) -> str:
    """The slip's row in docs/evidence.md."""
    caught, shares = [], []
    for question, path in mistakes(slip):
        for part, expected in named(path).items():
            caught.append(f'{question.source.parent.name} {part}: "{expected.hint}"')
            shares.append(f"{float(expected.share or 0):.3g}")
    if found := rubric_line(slip):
        assignment, essay, line = found
        caught.append(f'{assignment} {essay.part}: "{slip["line"]}"')
        shares.append(f"by hand, {float(line.points):g} of {float(essay.points):g}")
    return f"| {name} | {slip['slip']} | {'; '.join(caught)} | {'; '.join(shares)} |"


def test_every_slip_is_in_the_table() -> None:
    """Thirty-three of them, in their order."""
    assert list(SLIPS) == [f"E{number}" for number in range(1, 34)]


@each_slip
def test_a_mistake_with_the_slip_loses_points_and_is_told_why(slip: dict[str, Any]) -> None:
    """Part, hint and share stand in the file, and `grader verify` proves them; the hint is one of its question's."""
    for question, path in mistakes(slip):
        told = named(path)

        assert path in question.mistakes
        assert told
        assert set(told) <= set(question.parts)
        assert all(found.share is not None and found.share < 1 for found in told.values())
        assert {found.hint for found in told.values()} <= {*question.persian["hints"], *SAID_BY_THE_ENGINE}


@each_slip
def test_a_rubric_s_line_names_the_slip_in_both_languages(slip: dict[str, Any]) -> None:
    """The person who marks reads what to look for, in English and in Persian."""
    if found := rubric_line(slip):
        _, _, line = found

        assert line.points > 0
        assert len(line.text.fa) > len(line.text.en) / 2

    assert found or slip.get("mistakes")


def test_the_table_in_the_docs_is_this_one() -> None:
    """docs/evidence.md has each slip with what catches it and what is left of the points."""
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")

    assert [line for line in page.splitlines() if line.startswith("| E")] == [row(*item) for item in SLIPS.items()]
