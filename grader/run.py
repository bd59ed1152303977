"""One sentence: collect, unpack, sandbox and check, score, write; one marksheet a student, then the class's pages."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.checking.verifier import Verifier, ungraded
from grader.collect import collect
from grader.course import Assignment, Course
from grader.errors import ArchiveError, GraderError
from grader.feedback import feedback_page
from grader.marks import NO_MARKS, Marks
from grader.notebooks import settle
from grader.pools.local import LocalPool
from grader.records import HandIn, Marksheet, Submission, Text, Verdict
from grader.report import report_page, results_csv
from grader.score import checks_sha256, score, unreadable
from grader.store import write_atomically
from grader.unpack import unpack


@dataclass(frozen=True)
class Order:
    """What the instructor asked for."""

    course: Course
    assignment: Assignment
    submissions: Path
    out: Path
    workers: int = 1
    profile: str = "quick"
    device: str = "cpu"
    data: Path | None = None
    trusted: bool = False
    lang: str = "en"

    @property
    def folder(self) -> Path:
        return self.out / self.assignment.id


@dataclass
class Summary:
    """What came of it, for the last lines of a run and its exit status."""

    students: int = 0
    graded: int = 0
    ungraded: list[str] = field(default_factory=list)
    problems: list[Text] = field(default_factory=list)
    isolation: int = 0
    seconds: float = 0.0
    data: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False


def run(order: Order, begin: Callable[[int, int], None], advance: Callable[[str], None]) -> Summary:
    """Grade everything; `begin(students, isolation)` once, `advance(student)` as each marksheet is written.

    Each marksheet is on disk before `advance` is called. Ctrl-C stops there: the pages are made from what is done.
    """
    started = time.monotonic()
    hand_ins, problems = collect(order.submissions, order.assignment)
    summary = Summary(students=len(hand_ins), problems=list(problems))
    _one_can_be_read(hand_ins, order.assignment)
    try:
        pool = LocalPool(lambda: _verifier(order), order.workers)
        try:
            summary.isolation = pool.isolation
            begin(len(hand_ins), pool.isolation)
            _grade(order, pool, hand_ins, summary, advance)
        finally:
            pool.close()
            write_pages(order.course, order.assignment, order.folder, order.lang)
    except KeyboardInterrupt:
        summary.interrupted = True
    summary.seconds = time.monotonic() - started
    return summary


def _grade(
    order: Order, pool: LocalPool, hand_ins: list[HandIn], summary: Summary, advance: Callable[[str], None]
) -> None:
    circumstances = _circumstances(order, pool)
    refused: list[Submission] = []
    unread: list[Submission] = []

    def readable() -> Iterator[Submission]:
        for hand_in in hand_ins:
            try:
                yield settle(unpack(hand_in, order.assignment), order.assignment)
            except ArchiveError as fault:
                refused.append(Submission(hand_in.student, hand_in.submitted_at, {}, (_sentence(fault),)))
            except GraderError as fault:  # this machine could not read it: not the student's doing
                unread.append(Submission(hand_in.student, hand_in.submitted_at, {}, (Text(str(fault)),)))

    def keep(submission: Submission, sheet: Marksheet) -> None:
        _write(order.folder, sheet)
        summary.graded += 1
        summary.scores[sheet.student] = sheet.sheet["score"]
        summary.data.update(sheet.sheet["manifest"]["data"])
        if any(c["outcome"] == "ungraded" for q in sheet.sheet["questions"] for c in q["checks"]):
            summary.ungraded.append(sheet.student)
        advance(sheet.student)

    def variant(student: str) -> int:
        return order.course.variant_of(order.assignment.id, student)

    for submission, verdict in pool.grade(readable(), variant):
        keep(submission, score(order.course, order.assignment, submission, verdict, circumstances))
    for submission in refused:
        summary.problems.append(Text(f"{submission.student}: {submission.notes[-1].en}"))
        verdict = unreadable(submission, pool.checks)
        keep(submission, score(order.course, order.assignment, submission, verdict, circumstances))
    for submission in unread:
        verdict = Verdict(submission.student, tuple(ungraded(check, submission.notes[-1].en) for check in pool.checks))
        keep(submission, score(order.course, order.assignment, submission, verdict, circumstances))
    if unread:
        raise GraderError(f"{unread[0].notes[-1].en} Everything else is graded ({len(unread)} left).")


def _one_can_be_read(hand_ins: list[HandIn], assignment: Assignment) -> None:
    """A lone hand-in that is refused is wrong use; one among others is that student's marksheet."""
    if len(hand_ins) == 1:
        settle(unpack(hand_ins[0], assignment), assignment)


def _sentence(fault: ArchiveError) -> Text:
    return fault.args[0] if isinstance(fault.args[0], Text) else Text(str(fault))


def _verifier(order: Order) -> Verifier:
    return Verifier(
        order.course.root,
        order.assignment.id,
        profile=order.profile,
        device=order.device,
        data=order.data,
        trusted=order.trusted,
    )


def _circumstances(order: Order, pool: LocalPool) -> dict[str, Any]:
    return {
        "profile": order.profile,
        "checks_sha256": checks_sha256(order.assignment),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "cores": os.cpu_count(),
        "device": order.device,
        "isolation": pool.isolation,
        "workers": order.workers,
    }


def as_bytes(record: Any) -> bytes:
    """JSON as it is written everywhere: UTF-8, keys in their order, one value a line."""
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()


def _write(folder: Path, sheet: Marksheet) -> None:
    write_atomically(folder / f"{sheet.student}.run.json", as_bytes(sheet.run))
    for name, png in sheet.figures:
        write_atomically(folder / "figures" / sheet.student / name, png)
    write_atomically(folder / f"{sheet.student}.json", as_bytes(sheet.sheet))


def read_results(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All marksheets of an assignment's folder and their run files, by student."""
    sheets, runs = [], []
    for path in sorted(folder.glob("*.json")):
        if path.name.endswith(".run.json"):
            continue
        try:
            sheets.append(json.loads(path.read_text(encoding="utf-8")))
            other = path.with_name(f"{path.stem}.run.json")
            runs.append(json.loads(other.read_text(encoding="utf-8")) if other.exists() else {})
        except (ValueError, OSError) as fault:
            raise GraderError(f"{path} is not a marksheet ({fault}); grade again or remove it.") from fault
    return sheets, runs


def write_pages(course: Course, assignment: Assignment, folder: Path, lang: str) -> int:
    """results.csv, report.html and a feedback page a student, from the marksheets there; how many there were."""
    marks = marks_beside(course, assignment)
    for sheet, told in zip(*read_results(folder), strict=True):
        write_feedback(assignment, folder, sheet, told, lang, marks.get(sheet["student"], NO_MARKS))
    return write_report(assignment, folder, marks)


def marks_beside(course: Course, assignment: Assignment) -> dict[str, Marks]:
    """A person's marks of the assignment, by student; nbgrader is loaded only where there is a gradebook."""
    if not (course.root / "nbgrader" / "gradebook.db").exists():
        return {}
    from grader.gradebook.book import marks_of

    return marks_of(course, assignment)


def write_report(assignment: Assignment, folder: Path, marks: Mapping[str, Marks]) -> int:
    """results.csv and report.html from the marksheets that lie there; how many there were."""
    sheets, runs = read_results(folder)
    if not sheets:
        return 0
    write_atomically(folder / "results.csv", results_csv(sheets).encode())
    write_atomically(folder / "report.html", report_page(sheets, runs, assignment, marks).encode())
    return len(sheets)


def write_feedback(
    assignment: Assignment, folder: Path, sheet: dict[str, Any], told: dict[str, Any], lang: str, marks: Marks
) -> None:
    student = sheet["student"]
    figures = [
        (name, path.read_bytes())
        for name in told.get("figures", [])
        if (path := folder / "figures" / student / name).exists()
    ]
    page = feedback_page(sheet, told, assignment, lang=lang, figures=figures, marks=marks)
    write_atomically(folder / "feedback" / f"{student}.html", page.encode())
