"""What the checks of one submission share: its sessions, draws, variant, and what each fixture hands out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.checking.bars import bars_of, reached, source_of
from grader.checking.declared import Declared
from grader.checking.draws import drawn, lot
from grader.checking.given import given_in, given_of
from grader.checking.network import Network
from grader.checking.plot import PICTURES_OF_ALL, receive_figure
from grader.checking.training_context import TrainingContext
from grader.course import Assignment, Course, Question
from grader.errors import CourseError
from grader.sandbox.device import FLAGS
from grader.sandbox.gpu import Gpu
from grader.sandbox.limits import ON_GPU, TRAINING_MEMORY, Limits
from grader.sandbox.session import CALL_SECONDS, Session
from grader.sandbox.submission import Line, OwnResponder, Proxy, TimeBudget
from grader.sandbox.wire import Channel
from grader.sandbox.worker import import_file

# Seconds of a budget's minute: three runs and an audit, each up to three times the budget, on GPU and CPU.
TRAINING_SECONDS = 2000
WRAP: Mapping[str, Callable[[Any, Line], Any]] = {"network": Network, "figure": receive_figure}


@dataclass(frozen=True)
class Job:
    """One submission to be checked: whose it is and what was handed in."""

    student: str
    files: Mapping[str, bytes]
    variant: int = 0


@dataclass
class CheckContext:
    """Everything that the fixtures of one submission's checks hand out."""

    course: Course
    assignment: Assignment
    job: Job
    channel: Channel
    profile: str  # quick or full
    load_data: Callable[[str], Any]
    gpu: tuple[Gpu, Channel] | None = None  # the card for trainings, and the way to the nursery whose workers see it
    audit: float = 0.0  # the share of hand-ins whose trainings are run once more
    tell: Callable[[dict[str, Any]], None] = lambda told: None  # what a training says while it runs
    session: Session | None = None
    question: str = ""
    trained: dict[str, dict[Any, Any]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    deaths: list[str] = field(default_factory=list)  # what workers have died of, by themselves
    room: int = PICTURES_OF_ALL  # bytes that pictures of further checks may take
    broken_off: bool = False  # whether a check was stopped, which may have been about to speak with the nursery

    def submission(self, question: Question) -> Proxy:
        """The student's module; one worker serves the checks of a question, a fresh one the next."""
        if self.question != question.id:
            self.close()
            self.question = question.id
            self.session = self._session(question, self._limits())
        assert self.session is not None
        return Proxy(Line(self.session, CALL_SECONDS, WRAP, twin=self._twin(question)))

    def solution(self, question: Question, variant: int | None = None) -> Proxy:
        """Our module, with the owner's variant (or another) in GIVEN."""
        module = _own_module(question.source, self.job.variant if variant is None else variant)
        return Proxy(Line(OwnResponder(module), CALL_SECONDS, WRAP))

    def given(self, question: Question) -> dict[str, Any]:
        return given_of(question, self.job.variant)

    def draw(self, part: str, name: str) -> np.random.Generator:
        """The generator of this name, the student's own."""
        return drawn(self.course, self.assignment, part, self.job.student, name)

    def dataset(self, name: str) -> tuple[Any, Any]:
        """Both splits of a set that the assignment lists: by its list the release and a regrade know what it needs."""
        if name not in self.assignment.data:
            table = self.assignment.folder / "assignment.toml"
            raise CourseError(f"{table} does not list the data set {name}: put it under `data`.")
        found = self.load_data(name)
        self.data[name] = found.source
        return found.train, found.unseen

    def bars(self, measure: str, name: str) -> reached:
        """The bars of a measure on a data set, from the assignment's bars.toml."""
        self.dataset(name)
        source = source_of(self.profile, generated=self.data[name] == "stand-in")
        return bars_of(self.assignment, measure, source)

    def audits(self, handed_in: bool) -> bool:
        """Whether this student is drawn for the audit: weights always, trainings where they give marks."""
        is_drawn = lot(self.course, self.assignment, self.job.student) < self.audit
        return is_drawn and (handed_in or self.profile == "full")

    def training_context(self, question: Question, part: str, declared: Declared) -> TrainingContext:
        """Where the checks of a question train: every training in a worker of its own."""

        @contextmanager
        def fresh(device: str) -> Iterator[Line]:
            if gpu is not None and device != "cpu":  # who is killed there is tried on the CPU, not once more there
                session = Session(gpu[1], self.job.files, question.id, ON_GPU)
            else:
                cpu = int(600 + 240 * declared.minutes * declared.threads)
                session = self._session(question, replace(self._limits(), memory=TRAINING_MEMORY, cpu=cpu))
            with closing(session):
                yield Line(session, CALL_SECONDS, WRAP, time_budget=time_budget)

        time_budget = TimeBudget(TRAINING_SECONDS * declared.minutes)
        done = self.trained.setdefault(question.id, {})
        gpu = self.gpu if declared.gpu else None
        return TrainingContext(
            fresh,
            lambda name: self.draw(part, name),
            declared,
            part,
            devices=("cpu",) if gpu is None else ("cuda", "cpu"),
            share=self.assignment.gpu_share,
            gpu={} if gpu is None else _noted(gpu[0]),
            files=self.job.files,
            audits=self.audits,
            tell=self.tell,
            done=done,
            log=self.log,
        )

    def kept(self, figures: Iterable[tuple[str, bytes]]) -> tuple[tuple[str, bytes], ...]:
        """Those of a check's pictures for which there is room among those of all checks of the hand-in."""
        found = []
        for name, png in figures:
            if len(png) <= self.room:
                self.room -= len(png)
                found.append((name, png))
        return tuple(found)

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None
        self.question = ""

    def break_off(self) -> None:
        """Begin anew after a check that was stopped anywhere: nobody else may be given what is under way to it."""
        self.close()
        self.broken_off = True

    def forget(self, question: Question) -> None:
        """Begin the question anew: a worker was killed, and nobody knows by whom."""
        self.close()
        self.trained.pop(question.id, None)

    def _session(self, question: Question, limits: Limits) -> Session:
        return Session(self.channel, self.job.files, question.id, limits, self.deaths)

    def _limits(self) -> Limits:
        table = self.assignment.limits
        return Limits(memory=int(table.get("memory_mib", Limits.memory)), cpu=int(table.get("cpu_seconds", Limits.cpu)))

    def _twin(self, question: Question) -> Callable[[str, tuple[Any, ...], dict[str, Any]], Any]:
        return lambda name, args, kwargs: getattr(self.solution(question), name)(*args, **kwargs)


def _noted(gpu: Gpu) -> dict[str, Any]:
    """What a training's log says of the card and of the settings that make its sums the same every time."""
    import torch

    cudnn: Any = torch.backends.cudnn
    return {"name": gpu.name, "cudnn": cudnn.version(), **FLAGS}


@cache
def _own_module(source: Path, variant: int) -> ModuleType:
    given = given_in(source, variant)
    module = import_file(source)
    if given:
        module.GIVEN = given  # type: ignore[attr-defined]
    return module


def preload(question: Question) -> None:
    """Import a solution before the first submission comes."""
    _own_module(question.source, 0)
