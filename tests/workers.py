"""Hand-ins of one module in real workers: what the tests of the boundary talk to."""

from __future__ import annotations

import builtins
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest

from grader.checking.check_context import WRAP
from grader.errors import IsolationError
from grader.sandbox.cgroup import open_groups, remove_groups
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from grader.sandbox.session import NurseryProcess, Session, start_nursery
from grader.sandbox.submission import Line, Proxy

CARD = "/dev/zero"  # a node that no worker has, in the place of a GPU's
SECRET = "a-secret-of-the-host"  # in the environment of whoever starts a nursery, and in nobody else's


def not_here(what: str, fault: object) -> NoReturn:
    """Skip the test: this machine refuses `what`. A slip of ours is no refusal, and fails it."""
    kinds = [getattr(builtins, name, OSError) for name in re.findall(r"(\w+(?:Error|Exception)): ", str(fault))]
    assert all(issubclass(kind, OSError) for kind in kinds), f"{what}: {fault}"
    pytest.skip(f"{what} is not to be had here: {fault}")


class Nurseries:
    """One nursery a level, started when it is first asked for: warming takes seconds."""

    def __init__(self) -> None:
        self._started: dict[tuple[int, bool], NurseryProcess | IsolationError] = {}

    def at(self, level: int, *, card: bool = False) -> NurseryProcess:
        """The nursery at this level; the test is skipped where the machine cannot give it. `card`: for trainings."""
        if (level, card) not in self._started:
            os.environ["GRADER_TEST_SECRET"] = SECRET
            try:
                self._started[level, card] = start_nursery(level, nodes=[CARD] if card else [])
            except IsolationError as fault:
                self._started[level, card] = fault
            finally:
                del os.environ["GRADER_TEST_SECRET"]
        found = self._started[level, card]
        if isinstance(found, IsolationError):
            not_here(f"level {level}", found)
        return found

    def best(self) -> NurseryProcess:
        """The nursery at the strongest level that this machine gives."""
        try:
            return self.at(NAMESPACES)
        except pytest.skip.Exception:
            return self.at(LANDLOCK)

    def close(self) -> None:
        for nursery in self._started.values():
            if isinstance(nursery, NurseryProcess):
                nursery.close()


def counted() -> bool:
    """Whether this machine lets us make a control group that counts memory."""
    groups = open_groups("grader-test-probe")
    if groups is not None:
        groups.close()
        remove_groups("grader-test-probe")
    return groups is not None and groups.counts_memory


@dataclass(frozen=True)
class HandIn:
    """One hand-in: its module by proxy, and the session behind it."""

    proxy: Any
    session: Session
    line: Line


@contextmanager
def opened(
    nursery: NurseryProcess,
    source: str | bytes,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    seconds: float = 30.0,  # a loaded machine is slow; what must hang is given less
    twin: Callable[..., Any] | None = None,
) -> Iterator[HandIn]:
    """The module q1 in a worker of this nursery, over a channel of its own."""
    module = textwrap.dedent(source).encode() if isinstance(source, str) else source
    named = {"q1.py": module, **(files or {})}
    with (
        closing(nursery.open_channel()) as channel,
        closing(Session(channel, named, "q1", limits or Limits())) as session,
    ):
        line = Line(session, seconds, WRAP, twin)
        yield HandIn(Proxy(line), session, line)


OpenHandIn = Callable[..., HandIn]


def opener(nurseries: Nurseries, stack: ExitStack) -> OpenHandIn:
    """`hand_in(source, level=3, ...)`: `opened` at this level, else at the strongest, and ended with the test."""

    def hand_in(source: str | bytes, *, level: int | None = None, card: bool = False, **how: Any) -> HandIn:
        nursery = nurseries.best() if level is None else nurseries.at(level, card=card)
        return stack.enter_context(opened(nursery, source, **how))

    return hand_in
