"""Which isolation this machine gives, found by trying: namespaces (3), else Landlock with seccomp (2), else none."""

from __future__ import annotations

from grader.errors import IsolationError
from grader.sandbox.nursery import LANDLOCK, NAMESPACES, NOTHING
from grader.sandbox.session import Begun, NurseryLost, NurseryProcess, begin_nursery, finish_nursery, start_nursery

NAMES = {
    NAMESPACES: "level 3: namespaces, seccomp, limits",
    LANDLOCK: "level 2: Landlock, seccomp, limits",
    NOTHING: "NOT isolated",
}


def best_nursery(*, trusted: bool, begun: Begun | None = None) -> NurseryProcess:
    """A nursery at the strongest level that works here; level 0 only if `trusted`, IsolationError otherwise.

    `begun`: what `begin_nursery(NAMESPACES)` gave, where the caller has used the waiting time.
    """
    nursery, refused = _shutting_in(begun)
    if nursery is None and trusted:
        nursery = start_nursery(NOTHING)
    if nursery is None:
        raise IsolationError(
            f"This machine cannot shut student code in ({'; '.join(refused)}). Run `grader doctor` for the one fix, "
            "or pass --i-trust-these-submissions to run without isolation."
        )
    nursery.refused = refused
    return nursery


def _shutting_in(begun: Begun | None) -> tuple[NurseryProcess | None, list[str]]:
    """One at the strongest level that shuts student code in here, if any, and why not at a stronger one."""
    refused: list[str] = []
    for level in (NAMESPACES, LANDLOCK):
        try:
            started = begun if level == NAMESPACES and begun is not None else begin_nursery(level)
            return _finished(started, level), refused
        except IsolationError as fault:
            refused.append(f"level {level}: {fault}")
    return None, refused


def _finished(begun: Begun, level: int) -> NurseryProcess:
    """At this level, in a second try where the first was killed: a level is given up only for a reason."""
    try:
        return finish_nursery(*begun)
    except NurseryLost:
        return start_nursery(level)
