"""One sentence: collect, unpack, sandbox and check, score, write; one marksheet a student, then the class's pages."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from grader import drawing
from grader.changes import Change, changes_between, changes_csv
from grader.checking.verifier import Verifier, ungraded
from grader.class_pages import marks_beside, write_feedback, write_report
from grader.collect import collect, without_variant
from grader.course import Assignment, Course
from grader.data.places import require_folder
from grader.digests import package_digest
from grader.errors import ArchiveError, GraderError, IsolationError
from grader.essays import answers_in
from grader.finding_cache import FindingCache, Settings
from grader.journal import JOURNAL, Journal, Sealed
from grader.marks import Marks, checks_of
from grader.marksheets import marksheets, read_marksheet
from grader.names import twin_key
from grader.notebooks import settle
from grader.pools.local import LocalPool
from grader.records import HandIn, Outcome, Site, Submission, Task, Text, Verdict
from grader.sandbox.jail import in_sight
from grader.score import checks_sha256, score, unreadable
from grader.store import as_bytes, sweep, write_atomically
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
    fresh: bool = False  # without what earlier runs have found
    cluster: str = ""  # a dask scheduler's address, or "local"; "" grades in processes of this one
    audit: float = 0.0  # the share of hand-ins whose trainings are run once more

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
    remarks: list[Text] = field(default_factory=list)  # on what was graded, but perhaps not as it should be
    changes: list[Change] = field(default_factory=list)
    seconds: float = 0.0
    data: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False
    earlier: list[str] = field(default_factory=list)  # in the report by an earlier run, with no hand-in in this one


def run(
    order: Order,
    begin: Callable[[int, Site | None], None] = lambda students, site: None,
    advance: Callable[[str], None] = lambda student: None,
    heard: Callable[[str, dict[str, Any]], None] = lambda student, told: None,
) -> Summary:
    """Grade what has to be graded; `begin(students, site)` once, `advance(student)` as each marksheet stands.

    `heard(student, told)` gets what trainings say while they run, in whatever thread grades that student.
    `site` is None where nothing is run, because every marksheet stands as it is. Each marksheet is on disk before
    `advance` is called. Ctrl-C stops there: the pages are made from what is done.
    """
    started = time.monotonic()
    require_folder(order.data)
    if not order.trusted:
        _keep_out_of_sight(order)
    hand_ins, problems = collect(order.submissions, order.assignment)
    remarks = without_variant(order.course, order.assignment, [hand_in.student for hand_in in hand_ins])
    summary = Summary(students=len(hand_ins), problems=list(problems), remarks=remarks)
    _one_can_be_read(hand_ins, order.assignment)
    sweep(order.folder)
    there = {twin_key(hand_in.student) for hand_in in hand_ins}
    summary.earlier = [path.stem for path in marksheets(order.folder) if twin_key(path.stem) not in there]
    with Journal(order.folder / JOURNAL) as journal:
        if order.fresh:
            journal.forget()
        settings = Settings(order.profile, order.device, order.data, order.lang, order.audit)
        cache = FindingCache(journal, order.course, order.assignment, settings, checks_sha256(order.assignment))
        pool = _pool(order, heard)
        marks = marks_beside(order.course, order.assignment)
        try:
            _Running(order, cache, pool, summary, advance, marks).through(hand_ins, begin)
        except KeyboardInterrupt:
            summary.interrupted = True
        finally:
            pool.close()
            summary.ungraded.sort()  # not as they came: several are graded at a time
            summary.changes.sort(key=lambda change: change.student)
            if summary.graded:
                write_atomically(order.folder / "changes.csv", changes_csv(summary.changes).encode())
            if summary.graded or not (order.folder / "report.html").exists():
                write_report(order.assignment, order.folder, marks, order.lang)
    summary.seconds = time.monotonic() - started
    return summary


class Pool(Protocol):
    """Where submissions are graded; it starts when it is first asked for something."""

    @property
    def site(self) -> Site: ...

    def grade(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Verdict]]: ...

    def close(self) -> None: ...


@dataclass
class _Running:
    """One run under way."""

    order: Order
    cache: FindingCache
    pool: Pool
    summary: Summary
    advance: Callable[[str], None]
    marks: Mapping[str, Marks]
    seals: dict[str, str] = field(default_factory=dict)  # of those under way
    no_essay: dict[str, list[str]] = field(default_factory=dict)  # what they left out
    refused: list[Submission] = field(default_factory=list)
    unread: list[Submission] = field(default_factory=list)

    def through(self, hand_ins: list[HandIn], begin: Callable[[int, Site | None], None]) -> None:
        due = [hand_in for hand_in in hand_ins if not self._stands(hand_in)]
        if due:
            Thread(target=drawing.prepare).start()  # while all wait for the verifier; an end waits for it in its turn
        begin(len(hand_ins), self.pool.site if due else None)
        for student in self.summary.scores:
            self.advance(student)
        if due:
            self.cache.rules(lambda: self.pool.site.checks)
        circumstances = _circumstances(self.order, self.pool.site) if due else {}
        for task, verdict in self.pool.grade(self._tasks(due)):
            self._keep(task.submission, self.cache.whole(task, verdict), circumstances)
        for submission in self.refused:
            self.summary.problems.append(submission.notes[-1].about(submission.student))
            self._keep(submission, unreadable(submission, self.pool.site.checks), circumstances)
        for submission in self.unread:
            findings = tuple(ungraded(check, submission.notes[-1].en) for check in self.pool.site.checks)
            self._keep(submission, Verdict(submission.student, findings), circumstances)
        if self.unread:
            left = f"Everything else is graded ({len(self.unread)} left)."
            raise GraderError(f"{self.unread[0].notes[-1].en} {left}")

    def _stands(self, hand_in: HandIn) -> bool:
        """Whether the marksheet on disk is what grading would write again."""
        noted = self.cache.journal.sealed(hand_in.student)
        if noted is None or not noted.seal:
            return False
        try:
            opened = unpack(hand_in, self.order.assignment)
            seal = self.cache.seal_of(opened)
            written = self._sheet(hand_in.student).read_bytes()
        except (GraderError, OSError):
            return False  # told when its turn comes
        if (seal, sha256(written).hexdigest()) != (noted.seal, noted.sha256):
            return False
        self._tell(opened)
        self._count(hand_in.student, noted.facts)
        return True

    def _tasks(self, hand_ins: list[HandIn]) -> Iterator[Task]:
        for hand_in in hand_ins:
            try:
                opened = unpack(hand_in, self.order.assignment)
                self._tell(opened)
                self.seals[hand_in.student] = self.cache.seal_of(opened)
                answers = answers_in(opened.files, self.order.assignment)
                essays = [essay.part for essay in self.order.assignment.essays]
                self.no_essay[hand_in.student] = [part for part in essays if part not in answers]
                yield self.cache.task(settle(opened, self.order.assignment))
            except ArchiveError as fault:
                self.refused.append(Submission(hand_in.student, hand_in.submitted_at, {}, (fault.told,)))
            except GraderError as fault:  # this machine could not read it: not the student's doing
                self.unread.append(Submission(hand_in.student, hand_in.submitted_at, {}, (Text(str(fault)),)))

    def _tell(self, opened: Submission) -> None:
        self.summary.problems += [note.about(opened.student) for note in opened.left_out]

    def _keep(self, submission: Submission, verdict: Verdict, circumstances: dict[str, Any]) -> None:
        """Write what came of one hand-in, the marksheet last: what is noted of it before stands only with it."""
        order, student, folder = self.order, submission.student, self.order.folder
        told = {**circumstances, "no_essay": self.no_essay.pop(student, [])}
        sheet = score(order.course, order.assignment, submission, verdict, told)
        noted, grounds = self.cache.journal.sealed(student), self.cache.grounds(submission)
        self.summary.changes += changes_between(
            _before(self._sheet(student)), sheet.sheet, noted.grounds if noted else {}, grounds
        )
        written = as_bytes(sheet.sheet)
        write_atomically(folder / f"{student}.run.json", as_bytes(sheet.run))
        for name, png in sheet.figures:
            write_atomically(folder / "figures" / student / name, png)
        write_feedback(order.assignment, folder, sheet, order.lang, self.marks)
        open_checks = any(c["outcome"] == Outcome.UNGRADED for c in checks_of(sheet.sheet).values())
        facts = {"score": sheet.sheet["score"], "data": sheet.sheet["manifest"]["data"], "ungraded": open_checks}
        seal = "" if open_checks else self.seals.pop(student, "")
        self.cache.journal.seal(student, Sealed(seal, sha256(written).hexdigest(), facts, grounds))
        write_atomically(self._sheet(student), written)
        self.summary.graded += 1
        self._count(student, facts)
        self.advance(student)

    def _count(self, student: str, facts: Mapping[str, Any]) -> None:
        self.summary.scores[student] = facts["score"]
        self.summary.data.update(facts["data"])
        if facts["ungraded"]:
            self.summary.ungraded.append(student)

    def _sheet(self, student: str) -> Path:
        return self.order.folder / f"{student}.json"


def _keep_out_of_sight(order: Order) -> None:
    """IsolationError where student code could read what it must not: it sees all of Python's folders, and libraries."""
    for path in filter(None, (order.course.root, order.submissions, order.out, order.data)):
        if seen := in_sight(path):
            raise IsolationError(
                f"{path} lies in {seen}, all of which student code may read, for Python or its libraries are there: "
                "move it elsewhere, or make Python's virtual environment in a folder of its own."
            )


def _one_can_be_read(hand_ins: list[HandIn], assignment: Assignment) -> None:
    """A lone hand-in that is refused is wrong use; one among others is that student's marksheet."""
    if len(hand_ins) == 1:
        settle(unpack(hand_ins[0], assignment), assignment)


def _verifier(order: Order, heard: Callable[[str, dict[str, Any]], None]) -> Verifier:
    return Verifier(
        order.course.root,
        order.assignment.id,
        profile=order.profile,
        device=order.device,
        data=order.data,
        trusted=order.trusted,
        audit=order.audit,
        heard=heard,
    )


def _pool(order: Order, heard: Callable[[str, dict[str, Any]], None]) -> Pool:
    if not order.cluster:
        return LocalPool(lambda: _verifier(order, heard), order.workers)
    from grader.pools.cluster import ClusterPool, Setup, packed

    setup = Setup(
        course=packed(order.course),
        assignment=order.assignment.id,
        profile=order.profile,
        device=order.device,
        data=str(order.data) if order.data else None,
        trusted=order.trusted,
        package=package_digest(),
        audit=order.audit,
    )
    return ClusterPool(setup, order.cluster, order.workers, heard)


def _circumstances(order: Order, site: Site) -> dict[str, Any]:
    return {
        "profile": order.profile,
        "checks_sha256": checks_sha256(order.assignment),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "cores": os.cpu_count(),
        "device": "cuda" if site.gpu else "cpu",
        "gpu": site.gpu,
        "audit": order.audit,
        "isolation": site.isolation,
        "workers": order.workers,
    }


def _before(path: Path) -> dict[str, Any] | None:
    """The marksheet that is there, if one is."""
    try:
        return read_marksheet(path)
    except GraderError:
        return None
