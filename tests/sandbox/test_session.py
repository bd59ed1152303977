"""A session: whatever student code does to its worker is one outcome for one call, and the next call is served."""

from __future__ import annotations

import os
import signal

import pytest

from grader.checking.check_context import WRAP
from grader.sandbox.faults import Crashed, Refused, TooLong
from grader.sandbox.limits import Limits
from grader.sandbox.submission import Line, Proxy, TimeBudget
from grader.sandbox.wire import Marked
from tests.workers import OpenHandIn, counted

DEADLINE = 1.0  # seconds for what must hang; everything else has the half minute of the fixture
BREAKING = """
import ctypes, os, signal, sys, threading, time
import numpy as np

state = []

def add(x):
    state.append(x)
    return list(state)

def sleep():
    time.sleep(3600)

def loop():
    while True:
        pass

def integers():
    return len(str(9 ** 9 ** 8))

def match():
    import re
    return re.match(r"(a+)+$", "a" * 64 + "b")

def ignore():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    loop()

def end():
    os._exit(0)

def leave():
    sys.exit(0)

def interrupt():
    raise KeyboardInterrupt

def segfault():
    ctypes.string_at(0)

def abort():
    os.abort()

def memory():
    return len(bytearray(8 << 30))

def shared():
    import mmap
    taken = mmap.mmap(-1, 1 << 30)
    for page in range(0, len(taken), 4096):
        taken[page] = 1

def pieces():
    return [bytearray(1 << 20) for _ in range(8 << 10)]

def recursion():
    return recursion()

def stack():
    threading.stack_size(64 << 10)
    def deep(n):
        return list(map(deep, [n]))
    sys.setrecursionlimit(10 ** 9)
    worker = threading.Thread(target=deep, args=(0,))
    worker.start()
    worker.join()

def hang_up():
    for descriptor in range(3, 256):
        try:
            os.close(descriptor)
        except OSError:
            pass
    return 1

def write(data):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, data)
        except OSError:
            pass
    return 1
"""


@pytest.mark.parametrize("name", ["sleep", "loop", "integers", "match", "ignore"])
def test_who_hangs_is_stopped_at_the_deadline(hand_in: OpenHandIn, name: str) -> None:
    """A call that does not end, in Python or in C, ends its worker; the next call gets a fresh one."""
    student = hand_in(BREAKING)
    assert student.proxy.add(1) == [1]

    with pytest.raises(TooLong, match="longer than 1 seconds"):
        Line(student.session, DEADLINE, WRAP).call(Marked("name", name), (), {})

    assert student.proxy.add(2) == [2]


@pytest.mark.parametrize(
    ("name", "how"),
    [("end", "exit status 0"), ("segfault", "SIGSEGV"), ("abort", "SIG"), ("hang_up", "exit status 0")],
)
def test_who_dies_is_told_of_what(hand_in: OpenHandIn, name: str, how: str) -> None:
    """A worker that ends is a crash with its reason, whatever its exit status; the next call gets a fresh one."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match=how) as fault:
        getattr(student.proxy, name)()

    assert fault.value.kind == "Died"
    assert student.proxy.add(2) == [2]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("leave", "SystemExit"), ("interrupt", "KeyboardInterrupt"), ("recursion", "RecursionError")],
)
def test_who_raises_is_named_and_starts_afresh(hand_in: OpenHandIn, name: str, kind: str) -> None:
    """Whatever is raised, to end Python too, is a crash that names it; half-done work is not carried into the next."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match=kind) as fault:
        getattr(student.proxy, name)()

    assert fault.value.kind == kind
    assert "q1.py:" in fault.value.text.en
    assert student.proxy.add(2) == [2]


def test_a_forked_child_answers_nothing(hand_in: OpenHandIn) -> None:
    """Code that forks and lets both of itself return has one answer, and so has every call after it."""
    student = hand_in("""
        import os

        def both(x):
            try:
                os.fork()
            except PermissionError:
                pass  # without a control group nobody may
            return x

        def one(x):
            return -x
    """)

    answers = [answer for x in range(1, 9) for answer in (student.proxy.both(x), student.proxy.one(x))]

    assert answers == [answer for x in range(1, 9) for answer in (x, -x)]


@pytest.mark.parametrize("name", ["memory", "pieces"])
def test_who_asks_for_too_much_memory_starts_anew(hand_in: OpenHandIn, name: str) -> None:
    """Beyond the limit there is no memory, at once or in pieces; the next call gets a fresh worker."""
    student = hand_in(BREAKING, limits=Limits(memory=128))
    student.proxy.add(1)

    with pytest.raises(Crashed):
        getattr(student.proxy, name)()

    assert student.proxy.add(2) == [2]


def test_who_fills_the_control_group_has_run_out_of_memory(hand_in: OpenHandIn) -> None:
    """The kernel kills such a worker, which is told as any other want of memory; the next call gets a fresh one."""
    if not counted():
        pytest.skip("no control group that counts memory may be made here")
    student = hand_in(BREAKING, limits=Limits(memory=64))
    student.proxy.add(1)

    with pytest.raises(Crashed, match="asked for more memory") as fault:
        student.proxy.shared()

    assert fault.value.kind == "MemoryError"
    assert student.session.deaths == ["MemoryError"]
    assert student.proxy.add(2) == [2]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's process descriptors")
def test_whom_somebody_kills_has_not_run_out_of_memory(hand_in: OpenHandIn) -> None:
    """The same signal, from somebody else: the check may be run again."""
    student = hand_in(BREAKING)
    student.proxy.add(1)
    signal.pidfd_send_signal(student.session.process[0], signal.SIGKILL)

    with pytest.raises(Crashed, match="SIGKILL"):
        student.proxy.add(2)

    assert student.session.deaths == ["SIGKILL"]


@pytest.mark.parametrize(("how", "kind"), [("MemoryError", "MemoryError"), ("SIGKILL", "Died")])
def test_what_the_nursery_says_is_the_reason(
    hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch, how: str, kind: str
) -> None:
    """Who died of a full control group is told as whoever raised a MemoryError."""
    student = hand_in(BREAKING)
    student.proxy.add(1)
    monkeypatch.setattr(student.session.channel, "receive", lambda _: {"how": how})

    with pytest.raises(Crashed) as fault:
        student.proxy.end()

    assert fault.value.kind == kind
    assert student.session.deaths == [how]
    monkeypatch.undo()
    student.session.channel.receive()  # what it really said


def test_a_stack_of_ones_own_is_no_way_out(hand_in: OpenHandIn) -> None:
    """Recursion in C without a limit, on a stack that is small, ends the worker and nobody else."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match="SIGSEGV"):
        student.proxy.stack()
    assert student.proxy.add(2) == [2]


def test_processor_time_is_bounded(hand_in: OpenHandIn) -> None:
    """A worker has its seconds of processor time, over its whole life, whatever the deadline of the call is."""
    student = hand_in(BREAKING, limits=Limits(cpu=1))

    with pytest.raises(Crashed, match="SIG") as fault:
        student.proxy.loop()
    assert fault.value.kind == "Died"


def test_all_calls_of_a_check_have_one_patience(hand_in: OpenHandIn) -> None:
    """Calls that stay just under their deadlines come to an end too, and so do those with long deadlines of their own.

    A check's trainings and predictions could else outlast the verifier's own deadline, and nothing would be judged.
    """
    student = hand_in(BREAKING)
    line = Line(student.session, 30.0, WRAP, time_budget=TimeBudget(DEADLINE))
    proxy = Proxy(line)

    with pytest.raises(Crashed, match="longer than 1 seconds"):
        line.call(Marked("name", "loop"), (), {})
    with pytest.raises(Crashed, match="longer than 1 seconds"):
        proxy.add(1)
    with pytest.raises(Crashed, match="longer than 1 seconds"):
        line.ask({"do": "get", "name": "add"}, 300.0)
    assert student.proxy.add(1) == [1]


FORGERIES = {
    "nothing that a frame begins with": b"\xff" * 64,
    "an empty head": b"\0\0\0\0",
    "another shape": b"\0\0\0\x06\x93\xa1x\x90\x00",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_reply_is_not_read(hand_in: OpenHandIn, name: str) -> None:
    """Who writes to every descriptor has written nonsense; the next call gets a fresh worker."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Refused, match="wrote to the grader's own connection"):
        student.proxy.write(FORGERIES[name])

    assert student.proxy.add(2) == [2]


COMPILING = """
    import torch

    @torch.compile
    def twice(x):
        return 2 * x

    @torch.compile(mode="max-autotune")
    def thrice(x):
        return 3 * x

    def build():
        return torch.compile(torch.nn.Linear(3, 2), fullgraph=True)

    def all_of_them():
        net = torch.nn.Linear(1, 1, bias=False)
        net.weight.data.fill_(5)
        net.compile()
        one = torch.ones(1)
        return float(twice(one)), float(thrice(one)), float(net(one))
"""


def test_nothing_is_compiled(hand_in: OpenHandIn) -> None:
    """The values are those of the functions, and a network keeps its type and the names of its tensors."""
    student = hand_in(COMPILING).proxy

    net = student.build()

    assert student.all_of_them() == (2.0, 3.0, 5.0)
    assert [layer.type for layer in net.layers] == ["Linear"]
    assert [row.name for row in net.table] == ["weight", "bias"]
