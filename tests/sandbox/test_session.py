"""A session: whatever student code does to its worker is one outcome for one call, and the next call is served."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import grader.sandbox.session
import grader.sandbox.submission
from grader.checking.bench import WRAP
from grader.errors import IsolationError
from grader.sandbox import nursery
from grader.sandbox.faults import Crashed, NotSent, Refused, TooLong, Ungraded, Unwritten
from grader.sandbox.limits import ON_GPU, Limits
from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from grader.sandbox.session import NurseryProcess, Session, begin_nursery, finish_nursery, start_nursery
from grader.sandbox.submission import Line, Patience, Proxy
from grader.sandbox.wire import Channel, Marked
from tests.processes import below, ended
from tests.workers import HandIn, Nurseries, OpenHandIn, counted, not_here

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
    """Calls that stay just under their deadlines come to an end too: together they may take what one check may take."""
    student = hand_in(BREAKING)
    line = Line(student.session, 30.0, WRAP, patience=Patience(DEADLINE))
    proxy = Proxy(line)

    with pytest.raises(Crashed, match="longer than 1 seconds"):
        line.call(Marked("name", "loop"), (), {})
    with pytest.raises(Crashed, match="longer than 100 seconds"):
        proxy.add(1)
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


def test_a_module_that_was_not_handed_in_is_unwritten(nurseries: Nurseries) -> None:
    """A missing file is named, and no worker is started for it."""
    channel = nurseries.best().open_channel()
    session = Session(channel, {"q2.py": b""}, "q1", Limits())

    with pytest.raises(Unwritten, match=r"q1\.py was not handed in"):
        Proxy(Line(session, 5.0, WRAP)).f()
    assert session.worker is None
    channel.close()


WRITES = """
import os
for descriptor in range(3, 256):
    try:
        os.write(descriptor, b"\\xff" * 9)
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    ("source", "fault", "words"),
    [
        ("import os; os._exit(0)", Crashed, "exit status 0"),
        ("import time; time.sleep(3600)", Crashed, "longer than 1 seconds"),
        ("raise NotImplementedError", Unwritten, "Not written yet"),
        (
            "import nothing_like_that",
            Crashed,
            r"ModuleNotFoundError.*\(q1\.py:1\)\. Beside your own .* else\.$",
        ),
        ("def f(:", Crashed, r"SyntaxError.*q1\.py:1"),
        ("x = 1\nimport sys\nsys.exit(0)", Crashed, r"SystemExit.*q1\.py:3"),
        (WRITES, Refused, "grader's own connection"),
        ("import ctypes; ctypes.string_at(0)", Crashed, "SIGSEGV"),
    ],
)
def test_a_module_that_cannot_be_imported_is_imported_once(
    hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch, source: str, fault: type[Exception], words: str
) -> None:
    """What happens at import is the outcome of every check of the question, and happens once."""
    monkeypatch.setattr(grader.sandbox.session, "CALL_SECONDS", DEADLINE)
    student = hand_in(source.encode())
    with pytest.raises(fault, match=words) as first:
        student.proxy.f()
    number = student.session.number

    with pytest.raises(fault) as second:
        student.proxy.g()

    assert second.value is first.value
    assert student.session.number == number
    assert student.session.worker is None


def test_an_import_of_a_hand_in_may_take_its_own_files(hand_in: OpenHandIn) -> None:
    """Files that were handed in lie beside the module, sub-folders too, and its own folder is the current one."""
    files = {"mine.py": b"value = 3", "data/a.txt": b"text"}
    student = hand_in("import mine\ndef f(): return mine.value, open('data/a.txt').read()", files=files)

    assert student.proxy.f() == (3, "text")


def test_plugins_in_a_hand_in_are_plain_files(hand_in: OpenHandIn) -> None:
    """Nothing in a hand-in runs because of its name."""
    noisy = b"raise SystemExit('ran')"
    names = ["conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "msgpack.py", "grader/__init__.py"]
    ini = {"pytest.ini": b"[pytest]\naddopts = -x", "evil.pth": b"import os; os._exit(1)"}
    student = hand_in("def f(): return 1", files=dict.fromkeys(names, noisy) | ini)

    assert student.proxy.f() == 1


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


def test_a_nursery_that_has_gone_opens_no_channel() -> None:
    """A nursery that ended is our fault too."""
    here, there = socket.socketpair()
    there.close()
    with closing(Channel(here)) as link:
        gone = NurseryProcess(None, link, "gone", nursery.NAMESPACES)  # type: ignore[arg-type]

        with pytest.raises(Ungraded, match="nursery has gone"):
            gone.open_channel()


def test_a_nursery_that_cannot_shut_itself_in_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the reason is known it is told, and where the process just ended, that."""
    monkeypatch.setattr(grader.sandbox.session.sys, "executable", "/bin/false")
    with pytest.raises(IsolationError, match="did not start"):
        finish_nursery(*begin_nursery(nursery.NAMESPACES))


DIGGING = """
import os

def digs(depth):
    for _ in range(depth):
        os.mkdir("deeper")
        os.chdir("deeper")
    return True
"""


@pytest.mark.parametrize("level", [NAMESPACES, LANDLOCK])
def test_who_digs_deep_buries_nobody(hand_in: OpenHandIn, level: int) -> None:
    """Folders in folders, more than any path or stack is long: the nursery lives, and nothing of them stays."""
    digger = hand_in(DIGGING, level=level)
    assert digger.proxy.digs(1_500)
    digger.session.close()

    assert hand_in(SQUARE, level=level).proxy.square(3) == 9


def test_what_a_worker_has_left_is_gone_when_its_nursery_is() -> None:
    """More than is removed in between is removed aside, and waited for in the end."""
    try:
        started = start_nursery(LANDLOCK)
    except IsolationError as fault:
        not_here("level 2", fault)
    with closing(started), closing(started.open_channel()) as channel:
        session = Session(channel, {"q1.py": DIGGING.encode()}, "q1", Limits())
        assert Proxy(Line(session, 30.0, WRAP)).digs(2 * nursery.AT_ONCE)
        session.close()

    assert not Path(tempfile.gettempdir(), started.name).exists()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's process descriptors")
@pytest.mark.parametrize(("level", "card"), [(NAMESPACES, False), (LANDLOCK, False), (NAMESPACES, True)])
def test_a_worker_that_somebody_killed_at_rest(level: int, card: bool, nurseries: Nurseries) -> None:
    """Workers are shut in before anybody asks; those that were killed there are handed to nobody."""
    started = nurseries.at(level, card=card)
    with closing(started.open_channel()) as channel:
        family = below(started.process.pid, at_least=1 + (level == NAMESPACES))
        killed = {}
        for pid, descriptor in family.items():
            if Path(f"/proc/{pid}/task/{pid}/children").read_text():
                os.close(descriptor)
            else:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                killed[pid] = descriptor
        assert killed
        assert ended(killed)
        limits = ON_GPU if card else Limits()
        session = Session(channel, {"q1.py": b"def one():\n    return 1\n"}, "q1", limits)
        with closing(session):
            assert Proxy(Line(session, 30.0, WRAP)).one() == 1

    assert session.deaths == []


@pytest.mark.parametrize(("card", "usual"), [(False, Limits()), (True, ON_GPU)])
def test_other_limits_than_those_at_rest(card: bool, usual: Limits, nurseries: Nurseries) -> None:
    """A worker that is at rest has the usual limits; who asks for others gets them."""
    started = nurseries.at(NAMESPACES, card=True) if card else nurseries.best()
    source = b"import resource\n\n\ndef seconds():\n    return resource.getrlimit(resource.RLIMIT_CPU)[0]\n"
    with closing(started.open_channel()) as channel:
        for limits in (usual, Limits(cpu=77), usual):
            with closing(Session(channel, {"q1.py": source}, "q1", limits)) as session:
                assert Proxy(Line(session, 30.0, WRAP)).seconds() == limits.cpu


def test_no_room_for_a_worker_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nursery goes on without one; whoever asks for a worker is hung up on, and the next channel is served."""

    tried, served = threading.Event(), threading.Event()

    def no_room(*_: Any, **__: Any) -> None:
        tried.set()
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(nursery.Nursery, "_made", no_room)
    here, there = map(Channel, socket.socketpair())

    def serve() -> None:
        nursery.Nursery(there, LANDLOCK, None, None).run()
        served.set()

    serving = threading.Thread(target=serve)
    serving.start()
    with closing(here):
        for _ in range(2):
            ours, theirs = socket.socketpair()
            here.send({"channel": True}, (theirs.fileno(),))
            theirs.close()
            assert tried.wait(30)  # nobody asks yet
            tried.clear()
            with closing(Channel(ours)) as asking:
                asking.send({"spawn": asdict(Limits())})
                with pytest.raises(EOFError):
                    asking.receive(time.monotonic() + 30)
    serving.join(30)
    there.close()

    assert served.is_set()
