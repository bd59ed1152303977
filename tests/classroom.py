"""A small class of the sample course in nbgrader's tree, graded for real, and questions to its gradebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.api import Gradebook

from grader.authoring.part_points import part_points
from grader.course import Assignment, Course, find_course
from grader.gradebook.book import opened
from grader.gradebook.recording import Recorded, record
from grader.marksheets import read_results
from grader.report_card import as_text, essay_cells, grade_id, report_card
from grader.run import Order, run
from tests.sample_course import copied, lay, solved, stubs

SUM = "def mean(x):\n    return np.sum(x)\n"  # half of q1a's 2 points
ANSWER = "Each row is the first times a number: an outer product, whose rank is one."
CLASS = {  # what is handed in, the essay in the notebook, the essay in essays.md
    "ada": (solved(), ANSWER, ""),
    "bob": (stubs(), "", "It is an <b>outer</b> product."),
    "cyd": (solved(q1=SUM), "", ""),
}
T = TypeVar("T")
HANDED_IN = "2026-10-01 12:00:00.123456 UTC"


@dataclass(frozen=True)
class Classroom:
    """A course's folder with a graded class in it."""

    root: Path

    @property
    def course(self) -> Course:
        return find_course(self.root)

    @property
    def hw1(self) -> Assignment:
        return self.course.assignment("hw1")

    @property
    def out(self) -> Path:
        return self.root / "results"

    def hand_in(self, student: str) -> Path:
        return self.root / "nbgrader" / "submitted" / student / "hw1"

    def sheet(self, student: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "hw1" / f"{student}.json").read_text(encoding="utf-8"))
        return found

    def change_sheet(self, student: str, change: Callable[[dict[str, Any]], None]) -> None:
        sheet = self.sheet(student)
        change(sheet)
        (self.out / "hw1" / f"{student}.json").write_text(json.dumps(sheet), encoding="utf-8")

    def change_run(self, student: str, change: Callable[[dict[str, Any]], None]) -> None:
        path = self.out / "hw1" / f"{student}.run.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        change(told)
        path.write_text(json.dumps(told), encoding="utf-8")

    def change_card(self, student: str, change: Callable[[dict[str, Any]], None]) -> None:
        path = self.hand_in(student) / "hw1.ipynb"
        card = json.loads(path.read_text(encoding="utf-8"))
        change(card)
        path.write_text(json.dumps(card), encoding="utf-8")

    def record(self, **options: Any) -> Recorded:
        graded = list(read_results(self.out / "hw1"))
        return record(self.course, self.hw1, self.out, graded, **options)

    def ask(self, question: Callable[[Gradebook], T]) -> T:
        with opened(self.course) as book:
            return question(book)

    def grades(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """(machine's points, person's points, does it wait for a person) by part, as nbgrader's own API tells it."""

        def read(book: Gradebook) -> dict[str, tuple[float | None, float | None, bool]]:
            grades = book.find_submission_notebook("hw1", "hw1", student).grades
            return {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade) for g in grades}

        return self.ask(read)

    def total(self, student: str) -> tuple[float, float]:
        """(score, most) of nbgrader's submission."""

        def read(book: Gradebook) -> tuple[float, float]:
            submission = book.find_submission("hw1", student)
            return submission.score, submission.max_score

        return self.ask(read)

    def autograded(self, student: str) -> dict[str, Any]:
        path = self.root / "nbgrader" / "autograded" / student / "hw1" / "hw1.ipynb"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def graded_class(root: Path) -> Classroom:
    """A copy of the sample course at `root`, with CLASS handed in and graded."""
    room = Classroom(copied(root))
    for student, (files, in_notebook, on_page) in CLASS.items():
        page = (room.course.exercises / "hw1" / "essays.md").read_text(encoding="utf-8").rstrip() + f" {on_page}\n"
        lay(room.hand_in(student), {**files, "essays.md": page.encode()})
        card = report_card(room.hw1, part_points(room.hw1))
        for _, cell in essay_cells(card):
            cell["source"] = in_notebook or cell["source"]
        (room.hand_in(student) / "hw1.ipynb").write_text(as_text(card), encoding="utf-8")
        (room.hand_in(student) / "timestamp.txt").write_text(HANDED_IN, encoding="utf-8")
    order = Order(room.course, room.hw1, room.root / "nbgrader" / "submitted", room.out, trusted=True)
    run(order)
    return room


def cell_of(card: dict[str, Any], part: str) -> dict[str, Any]:
    """The cell of a part in a notebook's JSON."""
    return next(c for c in card["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id(part))
