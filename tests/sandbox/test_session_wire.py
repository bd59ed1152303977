"""A session whose argument, answer or connection does not come through: whose fault it is, and what comes next."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.faults import Crashed, NotSent, Refused, Ungraded
from grader.sandbox.limits import Limits
from tests.workers import HandIn, OpenHandIn

SQUARE = "def square(x):\n    return x * x"


def test_arguments_that_may_not_cross_are_not_sent(hand_in: OpenHandIn) -> None:
    """A check that passes what the wire does not carry is told so, and the worker goes on."""
    student = hand_in(SQUARE)
    with pytest.raises(NotSent, match="a value of type set"):
        student.proxy.square({1})

    assert student.proxy.square(2) == 4


def test_more_than_the_grader_can_hold_is_refused(hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer for which the verifier has no memory is the student's answer, not the verifier's fault."""
    student = hand_in(SQUARE)
    student.proxy.square(2)

    def full(*_: Any) -> Any:
        raise MemoryError

    assert student.session.worker is not None
    monkeypatch.setattr(student.session.worker, "receive", full)
    with pytest.raises(Refused, match="more data than the grader can hold"):
        student.proxy.square(2)
    assert student.proxy.square(2) == 4


def test_a_connection_that_fails_is_a_worker_that_died(hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the socket to a worker says, such as too many descriptors in flight, is the worker's end."""
    student = hand_in(SQUARE)
    student.proxy.square(2)

    def broken(*_: Any) -> Any:
        raise OSError("Too many references: cannot splice")

    assert student.session.worker is not None
    monkeypatch.setattr(student.session.worker, "receive", broken)
    with pytest.raises(Crashed) as fault:
        student.proxy.square(2)
    assert fault.value.kind == "Died"
    assert student.proxy.square(2) == 4


def test_an_answer_as_long_as_a_call_allows_comes_back(hand_in: OpenHandIn) -> None:
    """Arrays longer than a worker's files may be cross as well."""
    student = hand_in("import numpy as np\ndef f(n): return np.ones(n, np.uint8)").proxy
    size = (Limits.file_size << 20) + 1

    assert int(student.f(size)[-1]) == 1


def test_without_a_nursery_nothing_is_judged(hand_in: OpenHandIn) -> None:
    """When the channel to the nursery is gone, a check is ungraded."""
    student: HandIn = hand_in(SQUARE)
    student.session.channel.close()

    with pytest.raises(Ungraded, match="could not start a process"):
        student.proxy.square(2)
