"""What several tests of collecting hand in, and what they find in nbgrader/submitted/."""

from __future__ import annotations

import json
from typing import Any

from grader.authoring.part_points import part_points
from grader.course import Assignment, Course
from grader.report_card import UNANSWERED, as_text, essay_cells, report_card

ESSAY = b"# Essays\n\n## q2e: Why products\n\nWhy?\n\nAnswer:\n\nAn outer product.\n"


def written(course: Course, student: str) -> dict[str, bytes]:
    """What lies in nbgrader/submitted/ of a student."""
    folder = course.root / "nbgrader" / "submitted" / student / "hw1"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def card_of(assignment: Assignment, essay: str = UNANSWERED) -> dict[str, Any]:
    """The report card as a student hands it in, as JSON."""
    card = report_card(assignment, part_points(assignment))
    card.cells[-1].source = essay
    book: dict[str, Any] = json.loads(as_text(card))
    return book


def essay_in(notebook: bytes) -> list[str]:
    return ["".join(cell["source"]) for _, cell in essay_cells(json.loads(notebook))]
