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
    refused = []
    for level in (NAMESPACES, LANDLOCK):
        try:
            nursery = _started(level, begun if level == NAMESPACES else None)
            break
        except IsolationError as fault:
            refused.append(f"level {level}: {fault}")
    else:
        if not trusted:
            raise IsolationError(
                f"This machine cannot shut student code in ({'; '.join(refused)}). "
                "Run `grader doctor` for the one fix, or pass --i-trust-these-submissions to run without isolation."
            )
        nursery = start_nursery(NOTHING)
    nursery.refused = refused
    return nursery


def _started(level: int, begun: Begun | None) -> NurseryProcess:
    """At this level, in a second try where the first was killed: a level is given up only for a reason."""
    try:
        return finish_nursery(begun or begin_nursery(level))
    except NurseryLost:
        return start_nursery(level)
