"""The bill before a run: which trainings it would start, and how long they take by what bars.toml has measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.collect import collect
from grader.course import Assignment, read_toml
from grader.errors import GraderError
from grader.notebooks import settle
from grader.unpack import unpack

SAME_TRAINING = " training rows"  # ends the name of a measure that has no training of its own
TENTH = 0.1


@dataclass(frozen=True)
class Item:
    """One training that the assignment asks of everybody: how many will run, and the seconds of one (None: unknown)."""

    measure: str
    hand_ins: int
    with_weights: int  # of them: measured in a second, and trained only if they are drawn for the audit
    seconds: float | None
    device: str
    runs: int = 1


@dataclass(frozen=True)
class Plan:
    """What a run would train. Further seeds of near misses come on top: nobody knows them before."""

    items: tuple[Item, ...]
    profile: str
    audit: float

    def times(self, item: Item) -> int:
        """How often this training runs: for each hand-in without weights, and once more for each that is audited."""
        trained = (item.hand_ins - item.with_weights) * item.runs
        audited = item.with_weights + (trained if self.profile == "full" else 0)
        return trained + math.ceil(self.audit * audited)

    def hours(self, item: Item | None = None) -> float:
        """Of one training after another; what is not measured counts nothing."""
        return sum(self.times(one) * (one.seconds or 0.0) for one in ([item] if item else self.items)) / 3600

    @property
    def cheaper(self) -> Plan:
        """The same with a tenth of the hand-ins audited."""
        return replace(self, audit=min(self.audit, TENTH))


def plan(assignment: Assignment, submissions: Path, profile: str, audit: float, data: Path | None) -> tuple[Plan, int]:
    """What a run of these hand-ins would train, and how many hand-ins there are; starts nothing."""
    table = read_toml(assignment.folder / "bars.toml") if (assignment.folder / "bars.toml").exists() else {}
    files = _files(assignment, submissions)
    source = "full" if profile == "full" else "real" if data else "stand-in"
    items = []
    for measure, rows in table.items():
        question = next((q for q in assignment.questions if measure.split()[0] in q.parts), None)
        if question is None or measure.endswith(SAME_TRAINING):
            continue
        row: Mapping[str, Any] = rows.get(source) or rows.get("real") or {}
        theirs = [names for names in files if f"{question.id}.py" in names]
        weights = sum(row.get("weights", "") in names for names in theirs)
        seconds, device = row.get("seconds"), row.get("device", "")
        items.append(Item(measure, len(theirs), weights, seconds, device, row.get("runs", 1)))
    return Plan(tuple(items), profile, audit), len(files)


def _files(assignment: Assignment, submissions: Path) -> list[frozenset[str]]:
    """The names in each hand-in; one that cannot be read trains nothing."""
    found = []
    for hand_in in collect(submissions, assignment)[0]:
        try:
            found.append(frozenset(settle(unpack(hand_in, assignment), assignment).files))
        except GraderError:
            found.append(frozenset())
    return found
