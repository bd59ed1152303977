"""A nursery gives a worker to whoever asks, serves on whatever becomes of one, and takes all of them along."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import grader.sandbox.session
import grader.sandbox.submission
from grader.checking.check_context import WRAP
from grader.errors import IsolationError
from grader.sandbox import nursery
from grader.sandbox.faults import Crashed, Ungraded
from grader.sandbox.limits import ON_GPU, Limits
from grader.sandbox.nursery import LANDLOCK, NAMESPACES, NOTHING
from grader.sandbox.session import NurseryProcess, Session, begin_nursery, finish_nursery, start_nursery
from grader.sandbox.submission import Line, Proxy
from grader.sandbox.wire import Channel
from tests.processes import below, ended
from tests.workers import Nurseries, OpenHandIn, counted, not_here, opened

LOOKING = '''
import ctypes, os, time

libc = ctypes.CDLL(None)

def ids():
    return os.getuid(), os.getgid(), os.getpid(), os.getppid(), os.getgroups(), os.getcwd()

def daemon(name):
    """A grandchild in a group of its own, with a name of its own."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            libc.prctl(15, name.encode(), 0, 0, 0)
            os.write(writing, b"x")
            while True:
                time.sleep(3600)
        os._exit(0)
    os.read(reading, 1)
    return True

def asks_to_be_spared():
    """Takes back the signal that comes when its parent ends, and every signal that can be taken back."""
    import signal
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return libc.prctl(1, 0, 0, 0, 0)

def one():
    return 1
'''


def named(name: str) -> list[str]:
    """The processes of the whole machine that go by this name."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "comm").read_text().strip() == name:
                    found.append(entry.name)
            except OSError:  # it has just ended
                continue
    return found


def test_a_daemon_ends_with_its_worker(hand_in: OpenHandIn) -> None:
    """A grandchild in a group of processes of its own is gone when the session is closed."""
    name = f"d-{uuid.uuid4().hex[:12]}"
    student = hand_in(LOOKING, level=NAMESPACES)
    if not counted():
        with pytest.raises(Crashed, match="PermissionError"):
            student.proxy.daemon(name)
        return
    student.proxy.daemon(name)
    (daemon,) = map(int, named(name))
    family = {daemon: os.pidfd_open(daemon)}

    student.session.close()

    assert ended(family)


def test_coroutines_run_without_epoll(hand_in: OpenHandIn, level: int) -> None:
    """What epoll watches is counted a user, and one hand-in could watch more than the rest of the machine may."""
    student = hand_in(
        """
        import asyncio, select

        def waits():
            async def adds(one, other):
                await asyncio.sleep(0)
                return one + other
            return asyncio.run(adds(1, 2))

        def watches():
            return select.epoll().fileno()
        """,
        level=level,
    ).proxy

    assert student.waits() == 3
    with pytest.raises(Crashed, match="PermissionError"):
        student.watches()


def test_workers_end_with_the_channel(hand_in: OpenHandIn, level: int) -> None:
    """When a verifier dies, its workers do: nobody is left to ask them."""
    student = hand_in(LOOKING, level=level)
    student.proxy.one()
    (descriptor,) = student.session.process

    student.session.channel.close()

    assert ended({0: os.dup(descriptor)})


def started(level: int) -> closing[NurseryProcess]:
    """A nursery of one's own, to be killed or to be looked after."""
    try:
        return closing(start_nursery(level))
    except IsolationError as fault:
        not_here(f"level {level}", fault)


@pytest.fixture(params=[NAMESPACES, LANDLOCK, NOTHING], ids=["level 3", "level 2", "level 0"])
def mortal(request: pytest.FixtureRequest) -> Iterator[NurseryProcess]:
    with started(request.param) as nursery:
        yield nursery


def test_everything_ends_with_the_nursery(mortal: NurseryProcess) -> None:
    """A nursery that is killed takes its workers along, whatever they ask for."""
    with opened(mortal, LOOKING) as hand_in:
        student = hand_in.proxy
        assert student.one() == 1
        if mortal.level != NOTHING:
            student.asks_to_be_spared()
        scratch = Path(student.ids()[-1]).parent
        family = below(mortal.process.pid, at_least=1)

        os.kill(mortal.process.pid, signal.SIGKILL)

        assert ended(family)
        if mortal.level != NAMESPACES:  # who is killed cannot clean up; namespaces leave nothing
            shutil.rmtree(scratch)


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
        finish_nursery(begin_nursery(nursery.NAMESPACES))


DIGGING = """
import os

def digs(depth):
    for _ in range(depth):
        os.mkdir("deeper")
        os.chdir("deeper")
    return True
"""


def test_who_digs_deep_buries_nobody(hand_in: OpenHandIn, level: int) -> None:
    """Folders in folders, more than any path or stack is long: the nursery lives, and nothing of them stays."""
    digger = hand_in(DIGGING, level=level)
    assert digger.proxy.digs(1_500)
    digger.session.close()

    assert hand_in(LOOKING, level=level).proxy.one() == 1


def test_what_a_worker_has_left_is_gone_when_its_nursery_is() -> None:
    """More than is removed in between is removed aside, and waited for in the end."""
    with started(LANDLOCK) as own, opened(own, DIGGING) as digger:
        assert digger.proxy.digs(2 * nursery.AT_ONCE)

    assert not Path(tempfile.gettempdir(), own.name).exists()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's process descriptors")
@pytest.mark.parametrize(("level", "card"), [(NAMESPACES, False), (LANDLOCK, False), (NAMESPACES, True)])
def test_a_worker_that_somebody_killed_at_rest(level: int, card: bool, nurseries: Nurseries) -> None:
    """Workers are shut in before anybody asks; those that were killed there are handed to nobody."""
    shared = nurseries.at(level, card=card)
    with closing(shared.open_channel()) as channel:
        family = below(shared.process.pid, at_least=1 + (level == NAMESPACES))
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
    shared = nurseries.at(NAMESPACES, card=True) if card else nurseries.best()
    source = b"import resource\n\n\ndef seconds():\n    return resource.getrlimit(resource.RLIMIT_CPU)[0]\n"
    with closing(shared.open_channel()) as channel:
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
