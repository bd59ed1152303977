"""The bill before a run: which trainings it would start, and how long they take by what bars.toml has measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.checking.bars import source_of
from grader.checking.draws import lot
from grader.collect import collect
from grader.course import Assignment, Course, Question
from grader.data.loaders import stand_ins
from grader.data.places import require_folder
from grader.errors import GraderError
from grader.notebooks import settle
from grader.records import Submission, unwritten
from grader.sandbox.isolated_call import Lost, isolated_call
from grader.unpack import unpack

SAME_TRAINING = " training rows"  # ends the name of a measure that has no training of its own
TENTH = 0.1
DEADLINE = 60.0  # seconds to parse a class's modules; 300 of them take one


@dataclass(frozen=True)
class Item:
    """One training that the assignment asks of everybody: how many will run, and the seconds of one (None: unknown).

    runs: how often it trains each network, of which the worst counts. lots: of those whose training may be repeated for
    the audit, each of them once; whose lot is below the audit's share is drawn.
    """

    measure: str
    hand_ins: int
    with_weights: int  # of them: measured in a second, and trained only if they are drawn for the audit
    seconds: float | None
    device: str
    runs: int = 1
    lots: tuple[float, ...] = ()

    def times(self, audit: float) -> int:
        """How often this training runs: for each hand-in without weights, and once more for each that is drawn."""
        return (self.hand_ins - self.with_weights) * self.runs + sum(own < audit for own in self.lots)


@dataclass(frozen=True)
class Plan:
    """What a first run would train where all earn something. Further seeds of near misses come on top, unforeseen."""

    items: tuple[Item, ...]
    audit: float

    def times(self, item: Item) -> int:
        return item.times(self.audit)

    def hours(self, item: Item | None = None) -> float:
        """Of one training after another; what is not measured counts nothing."""
        return sum(self.times(one) * (one.seconds or 0.0) for one in ([item] if item else self.items)) / 3600

    @property
    def cheaper(self) -> Plan:
        """The same with a tenth of the hand-ins audited."""
        return replace(self, audit=min(self.audit, TENTH))


def plan(
    course: Course,
    assignment: Assignment,
    submissions: Path,
    profile: str,
    audit: float,
    data: Path | None,
    advance: Callable[[int], None] = lambda of: None,
) -> tuple[Plan, int]:
    """What a run of these hand-ins would train, and how many hand-ins there are; starts nothing.

    `advance(of)` is called for each of them as it is read.
    """
    require_folder(data)
    table = assignment.bars()
    asked = {measure: question for measure in table if (question := _trains(assignment, measure))}
    opened = _opened(assignment, submissions, advance)
    modules = _modules(opened, {question.id for question in asked.values()})
    made = stand_ins(assignment.data, datasets=course.datasets, data_dir=data)
    source = source_of(profile, generated=bool(made))
    items = []
    for measure, question in asked.items():
        row: Mapping[str, Any] = table[measure].get(source) or table[measure].get("real") or {}
        stub = unwritten(measure.split()[0])  # who has not begun trains nothing
        theirs = [one for one in opened if stub not in modules.get((one.student, question.id), stub)]
        weights = [one for one in theirs if question.weights and question.weights.file in one.files]
        audited = theirs if profile == "full" and "bars" in row else weights  # without a bar nothing is earned by it
        lots = tuple(lot(course, assignment, one.student) for one in audited)
        items.append(
            Item(
                measure=measure,
                hand_ins=len(theirs),
                with_weights=len(weights),
                seconds=row.get("seconds"),
                device=row.get("device", ""),
                runs=row.get("runs", 1),
                lots=lots,
            )
        )
    return Plan(tuple(items), audit), len(opened)


def _trains(assignment: Assignment, measure: str) -> Question | None:
    """The question that a measure of bars.toml trains; None if it has no training of its own, or is of another set."""
    return None if measure.endswith(SAME_TRAINING) else assignment.question_of(measure.split()[0])


def _opened(assignment: Assignment, submissions: Path, advance: Callable[[int], None]) -> list[Submission]:
    """The hand-ins with their modules, of other files the names; who cannot be read has none, and trains nothing."""
    hand_ins, found = collect(submissions, assignment)[0], []
    modules = {question.file for question in assignment.questions}
    for hand_in in hand_ins:
        advance(len(hand_ins))
        try:
            opened = settle(unpack(hand_in, assignment), assignment)
            files = {name: content if name in modules else b"" for name, content in opened.files.items()}
            found.append(Submission(hand_in.student, "", files))  # a class's other files would fill the memory
        except GraderError:
            found.append(Submission(hand_in.student, "", {}))
    return found


def _modules(opened: Sequence[Submission], questions: Collection[str]) -> dict[tuple[str, str], str]:
    """The text of each module by student and question, if it is Python; what it does when it runs nobody knows yet."""
    texts = {
        (one.student, question): one.files[f"{question}.py"].decode("utf-8-sig", "replace")
        for one in opened
        for question in sorted(questions)
        if f"{question}.py" in one.files
    }
    try:
        request = {"texts": list(texts.values())}
        refused = isolated_call("grader.plan:refused", request, DEADLINE)["places"] if texts else []
    except Lost:  # to somebody's hostile text
        refused = []
    broken = {list(texts)[place] for place in refused}
    return {whose: text for whose, text in texts.items() if whose not in broken}


def refused(request: Mapping[str, Any]) -> dict[str, Any]:
    """What `_modules` asks of a process of its own: the places of the texts that Python does not compile."""
    places = []
    for place, text in enumerate(request["texts"]):
        try:
            compile(text, "module", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            places.append(place)
    return {"places": places}
