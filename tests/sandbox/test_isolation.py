"""The strongest level that works here is chosen, and none is promised or given up without a reason."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import IsolationError
from grader.sandbox import isolation, landlock
from grader.sandbox.isolation import best_nursery
from grader.sandbox.nursery import LANDLOCK, NAMESPACES, NOTHING
from grader.sandbox.session import Begun, begin_nursery
from tests.hostile.others import run_as
from tests.workers import Nurseries

REFUSED = """
from grader.errors import IsolationError
from grader.sandbox.isolation import best_nursery
try:
    best_nursery(trusted=False)
except IsolationError as fault:
    print(fault)
with_trust = best_nursery(trusted=True)
print(with_trust.level)
with_trust.close()
"""


def test_a_level_that_no_worker_reaches_is_not_promised() -> None:
    """Where the kernel refuses Landlock too, a nursery would start, and every worker fail: it says so before."""
    told = run_as(os.geteuid(), sys.executable, "-c", REFUSED, denied="isolation").splitlines()

    assert "level 3: " in told[0]
    assert "level 2: a worker cannot be shut in (OSError: Landlock of Linux 6.2 was asked" in told[0]
    assert told[1:] == [str(NOTHING)]


def refuses(*levels: int) -> Any:
    """`begin_nursery` as on a machine that does not give these levels."""

    def begin(level: int) -> int:
        if level in levels:
            raise IsolationError(f"no {level} here")
        return level

    return begin


@pytest.fixture
def choosing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """`best_nursery` that only says which level it would start."""
    for name in ("finish_nursery", "start_nursery"):
        monkeypatch.setattr(isolation, name, lambda level: SimpleNamespace(level=level, refused=[]))
    return monkeypatch


@pytest.mark.parametrize(("missing", "chosen"), [((), 3), ((3,), 2), ((3, 2), 0)])
def test_the_strongest_level_is_chosen(choosing: pytest.MonkeyPatch, missing: tuple[int, ...], chosen: int) -> None:
    """Namespaces, else Landlock, and nothing only for those who say that they trust the hand-ins; it says why."""
    choosing.setattr(isolation, "begin_nursery", refuses(*missing))

    found = best_nursery(trusted=True)

    assert (found.level, found.refused) == (chosen, [f"level {level}: no {level} here" for level in missing])


def test_no_level_is_no_run(choosing: pytest.MonkeyPatch) -> None:
    """Without any layer the run is refused by one sentence that says why, and what to do."""
    choosing.setattr(isolation, "begin_nursery", refuses(NAMESPACES, LANDLOCK))

    with pytest.raises(IsolationError, match=r"level 3: no 3 here; level 2: no 2 here.*doctor.*--i-trust"):
        best_nursery(trusted=False)


def test_a_nursery_that_was_begun_is_taken(choosing: pytest.MonkeyPatch) -> None:
    """What warmed up while the solutions were imported is not started twice."""
    choosing.setattr(isolation, "begin_nursery", refuses(NAMESPACES, LANDLOCK))

    assert best_nursery(trusted=False, begun=cast(Begun, 3)).level == 3


def test_every_level_has_a_name() -> None:
    """The report says in words what the run file says as a number."""
    assert set(isolation.NAMES) == {NAMESPACES, LANDLOCK, NOTHING}


@pytest.mark.parametrize("version", [0, 1, 2])
def test_an_old_landlock_is_none(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Before Linux 6.2 Landlock lets a process cut files that it may not write: that is no level 2."""
    monkeypatch.setattr(landlock, "abi", lambda: version)

    with pytest.raises(OSError, match=f"this one has ABI {version}"):
        landlock.Rules([], [])


def test_a_nursery_that_was_killed_at_its_start_does_not_lower_the_level() -> None:
    """A level is given up because this machine refuses it, not because somebody killed a process."""
    begun = begin_nursery(NAMESPACES)
    begun.process.kill()
    whole, again = best_nursery(trusted=True), best_nursery(trusted=True, begun=begun)
    try:
        assert again.level == whole.level
    finally:
        whole.close()
        again.close()


def test_a_worker_that_was_killed_at_the_start_does_not_lower_the_level(nurseries: Nurseries) -> None:
    """Nor does a process of the nursery's: it says nothing, and is asked once more."""
    whole = nurseries.best().level

    again = best_nursery(trusted=False, begun=begin_nursery(NAMESPACES, "tests.sandbox.stillborn"))
    again.close()

    assert again.level == whole
