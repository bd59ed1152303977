"""A class of the sample course in nbgrader's tree, graded without a gradebook: its summary, and what is on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.records import Site
from grader.run import Order, Summary, run
from tests.sample_course import lay, sample


@dataclass
class Graded:
    """One run of the class: its summary, and what is on disk."""

    folder: Path
    summary: Summary
    students: int = 0
    on_disk_when_told: dict[str, bool] = field(default_factory=dict)

    def sheets(self) -> dict[str, bytes]:
        return {p.stem: p.read_bytes() for p in self.folder.glob("*.json") if not p.name.endswith(".run.json")}


def class_at(folder: Path, members: dict[str, tuple[dict[str, bytes], float]]) -> Path:
    """nbgrader's submitted/ tree."""
    for student, (files, _) in members.items():
        home = folder / student / "hw1"
        home.mkdir(parents=True)
        lay(home, files)
        (home / "timestamp.txt").write_text("2026-10-01 12:00:00 UTC\n", encoding="utf-8")
    return folder


def grade(submitted: Path, out: Path, workers: int = 1) -> Graded:
    course, hw1 = sample()
    order = Order(course, hw1, submitted, out, workers, trusted=True)
    graded = Graded(order.folder, Summary())

    def begin(students: int, site: Site | None) -> None:
        graded.students += students

    def advance(student: str) -> None:
        graded.on_disk_when_told[student] = (order.folder / f"{student}.json").exists()

    graded.summary = run(order, begin, advance)
    return graded
