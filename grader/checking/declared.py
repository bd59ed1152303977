"""What the author says about a check: its points, part and needs; and which functions run beside the student's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

from grader.sandbox.submission import own_source

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Declared:
    """`points` None: nothing was said yet. `minutes`: the budget of a training on `threads` CPU threads."""

    points: Fraction | None = None
    part: str = ""
    minutes: float = 0.0
    threads: int = 2
    gpu: bool = False
    unfinished: bool = False


def declared_by(function: Callable[..., Any]) -> Declared:
    """What @points and @needs noted on the check; an empty note on any other function."""
    return getattr(function, "__declared__", Declared())


def points(worth: float, *, part: str) -> Callable[[F], F]:
    """The check's worth, a multiple of 0.25, and its part (`"q2.dF"`): points add up, nothing is typed twice."""
    if worth <= 0 or (worth * 4) % 1:
        raise ValueError(f"@points({worth}): a positive multiple of 0.25 was asked.")
    return _noted(points=Fraction(worth), part=part)


def needs(*, minutes: float, threads: int = 2, gpu: bool = False, unfinished: bool = False) -> Callable[[F], F]:
    """The budget of a check that trains: minutes of wall clock on `threads` CPU threads, and twice that at most.

    `gpu=True` uses a GPU where there is one. `unfinished=True`: a training that yields its losses and is stopped over
    its time counts with what it has reached; otherwise it counts for nothing.
    """
    if not 0 < minutes < math.inf or type(threads) is not int or threads < 1:
        raise ValueError(f"@needs(minutes={minutes}, threads={threads}): minutes above 0 and whole threads were asked.")
    return _noted(minutes=minutes, threads=threads, gpu=gpu, unfinished=unfinished)


def _noted(**told: Any) -> Callable[[F], F]:
    def mark(function: F) -> F:
        function.__declared__ = replace(declared_by(function), **told)  # type: ignore[attr-defined]
        return function

    return mark


def inside(function: F) -> F:
    """A function of ours that runs beside the student's code, sent in as source: its body imports what it uses."""
    function.__inside__ = own_source(function)  # type: ignore[attr-defined]  # now: the file may change while we run
    return function
