"""What a check's trainings need: where networks are trained and asked, and what has been trained there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from grader.checking.declared import Declared
from grader.sandbox.faults import Crashed, TooLong, Ungraded
from grader.sandbox.submission import Line

T = TypeVar("T")


@dataclass
class TrainingContext:
    """How to get a fresh worker, the seed's generator, and who hears of it."""

    fresh: Callable[[str], AbstractContextManager[Line]]  # a worker of its own on that device, which then ends
    draw: Callable[[str], np.random.Generator]
    declared: Declared
    part: str
    devices: tuple[str, ...] = ("cpu",)  # where to train, and after it where else if that breaks off
    share: int = 0  # MiB of a GPU's memory, for one training
    gpu: Mapping[str, Any] = field(default_factory=dict)  # what the run file says of it
    files: Mapping[str, bytes] = field(default_factory=dict)  # the hand-in's
    audits: Callable[[bool], bool] = lambda handed_in: False  # whether this student's trainings are run once more
    tell: Callable[[dict[str, Any]], None] = lambda told: None  # what a training says while it runs
    done: dict[Any, Any] = field(default_factory=dict)  # the question's trainings, by what was asked for
    log: list[dict[str, Any]] = field(default_factory=list)  # a row of the run file for each

    def somewhere(self, log: dict[str, Any], work: Callable[[str], T]) -> T:
        """Work done on the first of the devices, which the log then names.

        What breaks off on a GPU is done once more on the CPU: a card may be full or a driver fail, and whoever has no
        card could not see that their code runs on the CPU alone. Over its time is over its time.
        """
        for device in self.devices[:-1]:
            try:
                done = work(device)
            except TooLong:
                raise
            except (Crashed, Ungraded) as fault:
                log.setdefault("broke_off", {})[device] = fault.text.en
            else:
                if "device" not in log:
                    log |= {"device": device, "gpu": dict(self.gpu)}
                return done
        done = work(self.devices[-1])
        log.setdefault("device", self.devices[-1])
        return done


_current: ContextVar[TrainingContext | None] = ContextVar("context", default=None)


@contextmanager
def opened(context: TrainingContext) -> Iterator[None]:
    """The context of the check that is running."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def here() -> TrainingContext:
    """The context that is open; RuntimeError outside of checks."""
    context = _current.get()
    if context is None:
        raise RuntimeError("trained(...) can be used in a hidden check only")
    return context
