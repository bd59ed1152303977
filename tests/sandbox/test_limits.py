"""What a shut-in worker is and what it may use, at each level."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import limits
from grader.sandbox.faults import Crashed
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from tests.workers import SECRET, OpenHandIn, counted

LOOKING = '''
import ctypes, gc, os, sys, tempfile, time

libc = ctypes.CDLL(None)

def descriptors():
    """Everything that is open from 3 on."""
    found = []
    for number in range(3, 4096):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return len(found)

def streams():
    return [os.fstat(number).st_rdev == os.stat("/dev/null").st_rdev for number in range(3)]

def environment():
    return dict(os.environ), sys.argv, sys.orig_argv

def capabilities():
    """The three sets by capget, the bounding set, and the ambient set by prctl."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    bounding = sum(libc.prctl(23, number, 0, 0, 0) for number in range(41))
    ambient = sum(libc.prctl(47, 1, number, 0, 0) for number in range(41))
    return list(sets), bounding, ambient

def promises():
    """No new rights, a filter, no dump of memory."""
    return libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0)

def ids():
    return os.getuid(), os.getgid(), os.getpid(), os.getppid(), os.getgroups(), os.getcwd()

def finds(text):
    """Everything that Python can reach from here, and the frames below: does the text stand anywhere?"""
    for thing in gc.get_objects():
        if isinstance(thing, (dict, list, tuple)) and thing is not sys._getframe().f_locals:
            for item in (thing.values() if isinstance(thing, dict) else thing):
                item = item.decode("latin1") if isinstance(item, bytes) else item
                if isinstance(item, str) and text[::-1] in item:
                    return True
    frame = sys._getframe(1)
    while frame is not None:
        if text[::-1] in repr(frame.f_locals):
            return True
        frame = frame.f_back
    return False

def fills(kibibytes, count):
    """Files of this size until there is no room; how many there were."""
    block = bytes(kibibytes << 10)
    for number in range(count):
        try:
            with open(os.path.join(tempfile.gettempdir(), f"f{number}"), "wb") as file:
                file.write(block)
        except OSError:
            return number
    return count

def shares(mebibytes):
    """Memory that is nobody's private data, page by page."""
    import mmap
    shared = mmap.mmap(-1, mebibytes << 20)
    for page in range(0, len(shared), 4096):
        shared[page] = 1
    return True

def bomb():
    """As many sleeping children as there may be."""
    children = 0
    try:
        while children < 1000:
            if os.fork() == 0:
                time.sleep(3600)
            children += 1
    except OSError:
        pass
    return children

def parallel():
    """What a DataLoader with two workers does."""
    import torch
    rows = torch.arange(8.0)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(rows), batch_size=4, num_workers=2)
    return sum(batch.sum().item() for (batch,) in loader)

def rows(count):
    import numpy as np
    return np.arange(count)

def two_threads():
    import torch
    torch.set_num_threads(2)
    return float((torch.ones(300, 300) @ torch.ones(300, 300)).sum())

def one():
    return 1
'''


def test_it_has_no_rights(worker: Any, level: int) -> None:
    """No capability in any set, none to be had again, a filter, and memory that nobody dumps."""
    sets, bounding, ambient = worker.capabilities()

    assert (sets, ambient) == ([0] * 6, 0)
    if os.geteuid() == 0 or level == NAMESPACES:  # elsewhere it takes a right to lower the bound; nothing passes it
        assert bounding == 0
    assert worker.promises() == (1, 2, 0)


def test_it_has_its_own_socket_and_nothing_else(worker: Any) -> None:
    """Of all that its parents had open, one socket; its standard streams lead nowhere."""
    assert worker.descriptors() == 1
    assert worker.streams() == [True] * 3


def test_its_environment_holds_no_secret(worker: Any) -> None:
    """What the instructor's shell knows stays there: not in the environment, in any object, or in a frame below."""
    environment, arguments, all_arguments = worker.environment()

    assert SECRET not in str(environment)
    assert "GRADER_TEST_SECRET" not in environment
    assert environment["PATH"] == f"{Path(sys.executable).parent}:{os.defpath}"
    assert (arguments, all_arguments) == ([""], [""])
    assert not worker.finds(SECRET[::-1])
    assert worker.finds("dippteg")  # `getppid` backwards: the search itself finds what is there


def test_at_level_3_it_is_alone(hand_in: OpenHandIn) -> None:
    """It is process 1 of its own small world, and of no group but its own."""
    uid, gid, pid, parent, groups, home = hand_in(LOOKING, level=NAMESPACES).proxy.ids()

    assert (pid, parent, home) == (1, 0, "/room/hand-in")
    if os.geteuid() == 0:
        assert uid == gid >= limits.FIRST_UID
        assert groups == []


def test_two_workers_of_root_are_two_users(hand_in: OpenHandIn) -> None:
    """Nobody's limits are eaten up by somebody else."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user has one user to give")

    assert hand_in(LOOKING, level=NAMESPACES).proxy.ids()[0] != hand_in(LOOKING, level=NAMESPACES).proxy.ids()[0]


def test_it_never_comes_before_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop gives its people priorities, for sound; a loop at one of them would stop whoever else works there."""
    given = dict.fromkeys((resource.RLIMIT_RTPRIO, resource.RLIMIT_NICE), (30, 30))
    monkeypatch.setattr(resource, "getrlimit", lambda kind: given.get(kind, (resource.RLIM_INFINITY,) * 2))
    monkeypatch.setattr(resource, "setrlimit", given.__setitem__)

    limits.set_rlimits(Limits(), 0)

    assert given[resource.RLIMIT_RTPRIO] == given[resource.RLIMIT_NICE] == (0, 0)


def test_its_processes_are_bounded(hand_in: OpenHandIn) -> None:
    """A fork bomb stops at the limit, and its worker is killed with all of them in one stroke."""
    student = hand_in(LOOKING, level=NAMESPACES, limits=Limits(processes=20))

    children = student.proxy.bomb()
    assert children < 20
    assert (children > 0) == counted()  # none at all where nobody would count their memory together
    student.session.close()
    assert student.proxy.one() == 1


def test_its_disk_is_bounded(hand_in: OpenHandIn) -> None:
    """Files stop at 256 MiB altogether, and at 16,000 by number."""
    assert hand_in(LOOKING, level=NAMESPACES).proxy.fills(16 << 10, 30) < 17
    assert hand_in(LOOKING, level=NAMESPACES).proxy.fills(0, 17_000) < 16_400


def test_memory_that_is_shared_is_bounded(hand_in: OpenHandIn) -> None:
    """Memory that is no process's private data is counted by a control group, and refused where there is none."""
    with pytest.raises(Crashed, match="more memory" if counted() else "PermissionError"):
        hand_in(LOOKING, level=NAMESPACES, limits=Limits(memory=64)).proxy.shares(600)


def test_honest_parallel_work_is_possible(hand_in: OpenHandIn) -> None:
    """A DataLoader with workers runs, and torch on two threads does."""
    student = hand_in(LOOKING, level=NAMESPACES)

    assert student.proxy.parallel() == 28.0
    assert student.proxy.two_threads() == 27_000_000.0
    assert hand_in(LOOKING, level=LANDLOCK).proxy.two_threads() == 27_000_000.0


def test_a_large_answer_crosses(hand_in: OpenHandIn, level: int) -> None:
    """No worker may pass descriptors, which are counted a user and not a worker: what is large comes inside."""
    assert hand_in(LOOKING, level=level).proxy.rows(1 << 19).sum() == (1 << 18) * ((1 << 19) - 1)


def test_it_is_a_session_and_makes_no_other(hand_in: OpenHandIn, level: int) -> None:
    """Linux may share the processor out by sessions: one a worker, for all of its threads and processes."""
    source = """
import os

def sessions():
    told = [os.getsid(0) == os.getpid()]
    try:
        child = os.fork()
    except OSError:
        return told  # at level 2, or where nothing counts the memory of several
    if child == 0:
        try:
            os.setsid()
        except OSError:
            os._exit(7)
        os._exit(0)
    return told + [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7]
"""

    assert set(hand_in(source, level=level).proxy.sessions()) == {True}


def test_it_is_the_first_to_die(hand_in: OpenHandIn, level: int) -> None:
    """When the machine has no memory left, the kernel takes a worker, and nobody who judges it."""
    student = hand_in(LOOKING, level=level)
    assert student.proxy.one() == 1
    (descriptor,) = student.session.process
    told = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    (pid,) = [line.split()[1] for line in told.splitlines() if line.startswith("Pid:")]

    assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"
