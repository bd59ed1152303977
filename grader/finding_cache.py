"""What earlier runs have found: which marksheets stand as they are, and which findings need not be made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.course import Assignment, Course
from grader.digests import (
    JUDGING,
    Rule,
    data_digest,
    digest,
    files_digest,
    package_digest,
    rules_of,
    whose,
)
from grader.journal import Journal
from grader.records import Check, Outcome, Submission, Task, Verdict


@dataclass(frozen=True)
class Settings:
    """What a run was asked for, as far as results depend on it."""

    profile: str
    device: str
    data: Path | None
    lang: str
    audit: float = 0.0


class FindingCache:
    """The journal, read for one assignment under one set of settings. `checks_sha256`: of score.py."""

    def __init__(
        self, journal: Journal, course: Course, assignment: Assignment, settings: Settings, checks_sha256: str
    ) -> None:
        self.journal, self._course, self._assignment, self._settings = journal, course, assignment, settings
        self._judging = package_digest(*JUDGING)
        self._rules_key = digest(checks_sha256, self._judging)
        self._rules: tuple[Rule, ...] = ()

    def rules(self, collected: Callable[[], tuple[Check, ...]]) -> None:
        """Learn the checks with their digests; `collected` is asked if the course has changed since they were noted."""
        noted = self.journal.rules(self._rules_key)
        if noted is None:
            self._rules = rules_of(self._assignment, collected())
            plain = [{"check": r.check.plain(), "digest": r.digest, "data": r.asks_for_data} for r in self._rules]
            self.journal.keep_rules(self._rules_key, plain)
        else:
            self._rules = tuple(Rule(Check.of(r["check"]), r["digest"], r["data"]) for r in noted)

    @cached_property
    def _data(self) -> str:
        return data_digest(self._course, self._assignment, self._settings.data)

    @cached_property
    def _common(self) -> str:
        """What every marksheet rests on beside the hand-in."""
        stubs = [question.stub.read_bytes() for question in self._assignment.questions if question.stub.exists()]
        chosen = [self._settings.profile, self._settings.device, self._settings.lang, self._settings.audit]
        return digest(self._rules_key, package_digest(), chosen, self._data, self._course.id, *stubs)

    def seal_of(self, opened: Submission) -> str:
        """A digest over all that a marksheet rests on; `opened` as it was handed in, notebooks unread."""
        notes = [note.en for note in opened.notes]
        owner = whose(self._course, self._assignment, opened.student)
        return digest(self._common, opened.sha256, opened.submitted_at, notes, owner)

    def task(self, submission: Submission) -> Task:
        """The checks whose findings are not in the journal.

        Of those that train, all of a question or none: they share trainings, which stand with whichever asked first.
        """
        missing = {rule.check.key for rule, key in self._keys(submission) if not self.journal.holds(key)}
        checks = [rule.check for rule in self._rules]
        anew = {check.question for check in checks if check.minutes and check.key in missing}
        wanted = [c for c in checks if c.key in missing or (c.minutes and c.question in anew)]
        return Task(submission, self._course.variant_of(self._assignment.id, submission.student), tuple(wanted))

    def whole(self, task: Task, verdict: Verdict) -> Verdict:
        """The verdict with the findings that were known, and their seconds; the new go into the journal first."""
        fresh = {finding.check.key: finding for finding in verdict.findings}
        judged = {check: finding for check, finding in fresh.items() if finding.outcome is not Outcome.UNGRADED}
        keys = [(rule.check, key) for rule, key in self._keys(task.submission)]
        self.journal.keep((key, judged[check.key]) for check, key in keys if check.key in judged)
        found = [
            judged.get(check.key) or self.journal.finding(key, check) or fresh.get(check.key) for check, key in keys
        ]
        findings = tuple(finding for finding in found if finding is not None)
        earlier = sum(finding.seconds for finding in findings if finding.check.key not in fresh)
        return Verdict(verdict.student, findings, verdict.seconds + earlier)

    def grounds(self, submission: Submission) -> dict[str, list[str]]:
        """The digests under each check, by question and id."""
        names = [question.id for question in self._assignment.questions]
        files = {name: files_digest(submission, name, names) for name in names}
        chosen = digest(self._settings.profile, self._settings.device, self._settings.audit, self._data)
        return {
            rule.check.key: [
                files[rule.check.question],
                rule.digest,
                digest(self._judging, chosen) if rule.asks_for_data else self._judging,
            ]
            for rule in self._rules
        }

    def _keys(self, submission: Submission) -> list[tuple[Rule, str]]:
        owner, grounds = whose(self._course, self._assignment, submission.student), self.grounds(submission)
        return [(rule, digest(rule.check.key, *grounds[rule.check.key], owner)) for rule in self._rules]
