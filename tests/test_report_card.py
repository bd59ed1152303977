"""The report card: a cell for every part, names that nbgrader takes, and what students wrote found again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from grader.authoring.part_points import part_points
from grader.course import find_course
from grader.errors import CourseError
from grader.records import Text
from grader.report_card import (
    UNANSWERED,
    answers,
    as_text,
    grade_id,
    parts_by_grade_id,
    report_card,
)
from tests.sample_course import ROOT, sample

REAL = find_course(ROOT)


def grades(card: nbformat.NotebookNode) -> dict[str, tuple[str, float, bool, bool]]:
    """Of each grade cell: its sort, points, whether it is locked, whether a person writes there."""
    named = [cell.metadata.nbgrader for cell in card.cells if "nbgrader" in cell.metadata]
    return {n.grade_id: (n.cell_type, n.points, n.locked, n.solution) for n in named if n.grade}


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_part_has_its_grade_cell(lang: str) -> None:
    """Machine parts are locked code, essays are Markdown that a person marks, a bonus is worth 0 there."""
    _, assignment = sample()

    assert grades(report_card(assignment, part_points(assignment), lang)) == {
        "q1a": ("code", 2.0, True, False),
        "q1b": ("code", 2.0, True, False),
        "q1c": ("code", 1.0, True, False),
        "q2a": ("code", 3.0, True, False),
        "q2b": ("code", 0.0, True, False),
        "q2e": ("markdown", 2.5, False, True),
    }


@pytest.mark.parametrize("name", REAL.assignments)
def test_real_cards_are_what_jupyter_and_nbgrader_take(name: str) -> None:
    """Both programs' own validators pass, points add up to the assignment's, and the bytes are always the same."""
    assignment = REAL.assignment(name)
    worth = part_points(assignment)
    card = report_card(assignment, worth, "fa")

    nbformat.validate(card)
    MetadataValidator().validate_nb(card)

    asked = sum(points for part, points in worth.items() if part not in assignment.bonus)
    assert sum(points for _, points, _, _ in grades(card).values()) == asked
    assert as_text(card) == as_text(report_card(assignment, worth, "fa"))


def test_names_lead_back_to_their_parts() -> None:
    """Every grade id of the course is one part's, and says which."""
    for name in REAL.assignments:
        assignment = REAL.assignment(name)

        found = parts_by_grade_id(assignment)

        assert all(grade_id(part) == key for key, part in found.items())
        assert set(found.values()) == set(part_points(assignment))


def test_parts_that_nbgrader_could_not_tell_apart_are_refused() -> None:
    """q1.a and q1-a would have one cell; a name in other letters would have none."""
    _, assignment = sample()
    question = assignment.questions[0]
    title = question.parts["q1a"]

    for wrong in ({"q1.a": title, "q1-a": title}, {"q1الف": title}):
        course = replace(assignment, questions=(replace(question, parts=wrong),), essays=())
        with pytest.raises(CourseError, match=r"nbgrader"):
            report_card(course, dict.fromkeys(wrong, Fraction(1)))


def test_the_prompt_and_what_is_judged_stand_above_the_answer() -> None:
    """What an essay asks, and not what is right, is in a cell that nobody can change; below it students write."""
    _, assignment = sample()
    english, persian = (report_card(assignment, part_points(assignment), lang).cells[-2:] for lang in ("en", "fa"))

    assert english[0].source.splitlines()[0] == "### 2(e) Why products (`q2e`)"
    assert "(2.5 points)" in english[0].source
    assert "* 1: The reason\n* 1.5: What follows\n" in english[0].source
    assert "* ۱٫۵: نتیجه\n" in persian[0].source
    assert english[0].metadata.nbgrader.locked
    assert english[1].source == persian[1].source == UNANSWERED


def test_one_point_is_one_point() -> None:
    """What a part is worth stands in its cell."""
    _, assignment = sample()
    heads = {c.id: c.source.splitlines()[0] for c in report_card(assignment, part_points(assignment)).cells}

    assert heads["q1b"] == "# 1(b) q1b: Columns about their means (2 points)"
    assert heads["q1c"] == "# 1(c) q1c: The half, in single precision (1 point)"
    assert heads["q2b"] == "# 2(b) q2b: Its sum (bonus) (bonus, 1 point)"


def test_code_in_a_persian_essay_keeps_its_direction() -> None:
    """In prompt, title and rubric alike: from right to left, `1 - x` would read as x - 1."""
    _, assignment = sample()
    (essay,) = assignment.essays
    line = replace(essay.rubric[0], text=Text("", "عبارت `a - b`"))
    asked = replace(essay, title=Text("", "چرا `f - g`"), prompt=Text("", "آیا `1 - x` منفی است؟"), rubric=(line,))

    card = report_card(replace(assignment, essays=(asked,)), part_points(assignment), "fa")

    shown = [f'<code dir="ltr">{code}</code>' for code in ("f - g", "1 - x", "a - b")]
    assert all(code in card.cells[-2].source for code in shown)


def test_examples_run_without_our_package(tmp_path: Path) -> None:
    """The cell's one line, run by IPython, reads the module afresh and shows an example that fails."""
    _, assignment = sample()
    (cell,) = [c for c in report_card(assignment, part_points(assignment)).cells if c.id == "q1_rows-examples"]
    (tmp_path / "q1_rows.py").write_text('"""\n>>> 1 + 1\n3\n"""\n', encoding="utf-8")
    (tmp_path / "cell.ipy").write_text(cell.source, encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "cell.ipy"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Expected:\n    3\nGot:\n    2" in ended.stdout


def test_a_grade_cell_gives_nothing_by_itself(tmp_path: Path) -> None:
    """nbgrader gives full marks to a cell that runs in silence: run by plain nbgrader, ours fails and says why."""
    _, assignment = sample()
    (cell,) = [c for c in report_card(assignment, part_points(assignment)).cells if c.id == "q1a"]

    def run(execution: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", cell.source]
        environment = {"NBGRADER_EXECUTION": execution}
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert run("validate").returncode == 0
    assert "configure(c) is missing in nbgrader_config.py" in run("autograde").stderr


def test_essays_are_found_in_the_card() -> None:
    """A cell that was written in is an answer; the untouched one is none."""
    _, assignment = sample()
    card = report_card(assignment, part_points(assignment))

    before = answers({"hw1.ipynb": as_text(card)})
    card.cells[-1].source = "An outer product.\n"

    assert before == {"hw1.ipynb": {}}
    assert answers({"hw1.ipynb": as_text(card)}) == {"hw1.ipynb": {"q2e": "An outer product."}}
