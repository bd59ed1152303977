"""What a training tells before its answer: lines while it runs, one notice at a time, and nothing that can hurt."""

from __future__ import annotations

import io
import sys
import threading
from typing import Any

import pytest

from grader.sandbox import notices
from grader.sandbox.notices import lines_told, seldom
from grader.sandbox.wire import Marked
from tests.workers import HandIn, OpenHandIn

TRAININGS = """
import os, sys, threading, time
import numpy as np

written = threading.Semaphore(0)

def logs_on():
    def beat(out=sys.stdout):
        while True:
            out.write("still training\\n")
            written.release()
    threading.Thread(target=beat, daemon=True).start()
    written.acquire()
    return [0.5]

def later():
    until = time.monotonic() + 0.6  # longer than two notices are apart
    while time.monotonic() < until:
        written.acquire()
    return np.zeros(4_000_000)

def forks():
    child = os.fork()
    if not child:
        print("from a child")
        os._exit(0)
    return [float(os.waitpid(child, 0)[1])]

def half_a_pair():
    print("epoch \\ud83d 1")
    return [0.5]
"""


def trained(student: HandIn, name: str) -> tuple[Any, list[Any]]:
    """What a training function of this name answers, and what was heard before."""
    told: list[Any] = []
    request = {"do": "call", "target": Marked("name", name), "args": [], "kwargs": {}, "limit": 30.0}
    answer = student.session.ask(request, 30, told.append)["value"]
    return answer, told


def test_a_thread_that_logs_on_disturbs_nobody(hand_in: OpenHandIn) -> None:
    """It is heard while the training runs; the answer and the next call are whole."""
    student = hand_in(TRAININGS)

    losses, told = trained(student, "logs_on")
    assert losses == [0.5]
    assert {"line": "still training"} in told
    assert student.proxy.later().shape == (4_000_000,)


def test_a_child_process_is_not_heard(hand_in: OpenHandIn) -> None:
    """It has the same connection, but no part in the lock."""
    assert trained(hand_in(TRAININGS), "forks") == ([0.0], [])


def test_half_a_surrogate_pair_is_replaced(hand_in: OpenHandIn) -> None:
    """What cannot be encoded costs nobody a training."""
    assert trained(hand_in(TRAININGS), "half_a_pair") == ([0.5], [{"line": "epoch ? 1"}])


def test_nothing_is_told_when_the_training_is_over() -> None:
    """Whoever has kept its stdout may go on printing, and is not heard."""
    told: list[Any] = []

    with lines_told(told.append):
        kept = sys.stdout
        print("during")
    print("after", file=kept)
    assert told == [{"line": "during"}]


def test_the_end_waits_for_a_line_that_is_being_told() -> None:
    """A line that has begun to cross is across before the answer begins."""
    begun, over, late = threading.Event(), threading.Event(), []

    def tell(what: dict[str, Any]) -> None:
        begun.set()
        late.append(over.wait(0.2))

    with lines_told(tell):
        thread = threading.Thread(target=print, args=("a line",), kwargs={"file": sys.stdout})
        thread.start()
        begun.wait()
    over.set()
    thread.join()
    assert late == [False]


def test_one_notice_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread says while a notice is sent is left out: it would land in the middle."""
    monkeypatch.setattr(notices, "SECONDS_APART", -1.0)
    sent: list[Any] = []

    def tell(what: dict[str, Any]) -> None:
        sent.append(what)
        if len(sent) == 1:
            other = threading.Thread(target=told, args=({"line": "meanwhile"},))
            other.start()
            other.join()

    told = seldom(tell)
    told({"step": 1, "loss": 0.5})
    told({"step": 2, "loss": 0.25})
    assert sent == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]


def test_soon_after_a_notice_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is told at once, what follows on its heels is not, and half a second later there may be another."""
    sent: list[Any] = []
    clock = iter([1.0, 1.0, 1.1, 1.4, 2.0, 2.0])
    monkeypatch.setattr(notices.time, "monotonic", lambda: next(clock))
    told = seldom(sent.append)

    for step in range(4):
        told({"step": step, "loss": 0.5})
    assert [one["step"] for one in sent] == [0, 3]


def test_a_line_is_told_when_it_is_whole_and_cut() -> None:
    """Parts are put together, of several lines the last is told, and at most 300 characters of it."""
    told: list[Any] = []

    with lines_told(told.append):
        print("epoch", end=" ", flush=True)
        sys.stdout.write("1\nepoch 2\n")
        print("é" * 200, end="", flush=True)
        print("😀" * 1000)
        print("no end" * 2000, end="", flush=True)
        print()
        print("the end", end="")
    assert [one["line"] for one in told] == ["epoch 2", "é" * 200 + "😀" * 100, "no end" * 50]


def test_a_training_has_an_ordinary_stdout() -> None:
    """What works with a stdout at home works here: its settings, its bytes, and what it says of itself."""
    told: list[Any] = []

    with lines_told(told.append):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        sys.stdout.buffer.write(b"bytes \xff\n")
        with pytest.raises(TypeError, match="bytes-like"):
            sys.stdout.buffer.write("text")  # type: ignore[arg-type]
        assert (sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.name) == ("utf-8", False, "<stdout>")
        with pytest.raises(io.UnsupportedOperation):
            sys.stdout.fileno()
    assert told == [{"line": "bytes \ufffd"}]
