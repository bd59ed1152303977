"""What a shut-in worker is and has, at each level; and that it ends with whoever wanted it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import IsolationError
from grader.sandbox import isolation, jail, landlock, limits
from grader.sandbox.faults import Crashed
from grader.sandbox.isolation import best_nursery
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import LANDLOCK, NAMESPACES, NOTHING
from grader.sandbox.session import NurseryProcess, Session, begin_nursery, start_nursery
from grader.sandbox.submission import Line, Proxy
from tests.hostile.others import ORDINARY, run_as
from tests.processes import below, ended
from tests.workers import SECRET, Nurseries, OpenHandIn, counted, not_here

LOOKING = '''
import ctypes, gc, os, resource, socket, sys, tempfile, threading, time

libc = ctypes.CDLL(None)

def listed(path):
    return sorted(os.listdir(path))

def exists(path):
    return os.path.exists(path)

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

def keeps(name, text):
    with open(os.path.join(tempfile.gettempdir(), name), "w") as file:
        file.write(text)
    return tempfile.gettempdir()

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

def asks_to_be_spared():
    """Takes back the signal that comes when its parent ends, and every signal that can be taken back."""
    import signal
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return libc.prctl(1, 0, 0, 0, 0)

def one():
    return 1
'''


@pytest.fixture(params=[NAMESPACES, LANDLOCK], ids=["level 3", "level 2"])
def level(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def worker(hand_in: OpenHandIn, level: int) -> Any:
    """The module above, shut in."""
    return hand_in(LOOKING, level=level).proxy


# -- what it is ----------------------------------------------------------------------------------------------------


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
    assert (arguments, all_arguments) == ([""], [""])
    assert not worker.finds(SECRET[::-1])
    assert worker.finds("tixe_")  # `_exit` backwards: the search itself finds what is there


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


# -- what it sees --------------------------------------------------------------------------------------------------


def test_at_level_3_it_sees_the_interpreter_alone(hand_in: OpenHandIn) -> None:
    """No /home, no /etc, of /proc and /sys the processor; of folders those on the way to an interpreter's files."""
    look = hand_in(LOOKING, level=NAMESPACES).proxy
    ways = {path.parts[1] for path in jail.visible_paths()}

    assert set(look.listed("/")) <= ways | {"room", "dev", "tmp", "bin", "lib", "lib64", "proc", "sys"}
    assert set(look.listed("/dev")) == {*jail.DEVICES, "shm"}
    assert look.listed("/dev/shm") == ["hand-in"]
    assert look.listed("/proc") == ["cpuinfo"]
    assert look.listed("/sys") == ["devices"]
    for hidden in ("/home", "/etc/passwd", "/run", "/var", "/old"):
        assert not look.exists(hidden)


INSIDE = Path("/usr/local/etc")  # where a file system is mounted, and another in it
MOUNTS = f"""
import sys
from pathlib import Path
from grader.sandbox import kernel
from tests.hostile.become import main

kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
for folder in (Path({str(INSIDE)!r}), Path({str(INSIDE)!r}, "a room")):
    folder.mkdir(exist_ok=True)
    kernel.mount("inside", str(folder), "tmpfs", kernel.MS_NOEXEC, "size=64k,mode=1777")
kernel.mount("hidden", sys.argv[3], "tmpfs", 0, "size=64k")  # below the folder that becomes the new root
main(int(sys.argv[1]), ["--", sys.executable, "-c", sys.argv[2]])
"""
KEEPS = f"""
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import answer_of, start_nursery

MODULE = b'''
def keeps(folder):
    try:
        with open(folder + "/kept", "w"):
            return "kept"
    except OSError as fault:
        return fault.strerror
'''
nursery = start_nursery(NAMESPACES)
for folder in ({str(INSIDE)!r}, {str(INSIDE / "a room")!r}):
    print(answer_of(nursery, MODULE, "keeps", [folder], Limits(), 60.0))
nursery.close()
"""


@pytest.mark.parametrize("user", [0, ORDINARY])
def test_a_file_system_inside_what_it_sees_is_read_only_too(user: int, tmp_path: Path) -> None:
    """What is mounted within /usr comes along with it, and may be open to everybody: nobody leaves a note there."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount something there")

    told = run_as(0, sys.executable, "-c", MOUNTS, str(user), KEEPS, str(tmp_path)).splitlines()

    assert told == [os.strerror(errno.EROFS)] * 2


ENTERS = """
import threading
from grader.sandbox import jail

threading.Timer(0.3, str).start()
jail.enter()
print("entered")
"""


def test_a_thread_that_is_about_to_end_keeps_nobody_out(nurseries: Nurseries) -> None:
    """matplotlib's own, with which it would say that looking for fonts takes its time, may still be there."""
    nurseries.at(NAMESPACES)  # else skipped
    user = os.geteuid() or ORDINARY  # root enters no user namespace

    assert run_as(user, sys.executable, "-c", ENTERS) == "entered\n"


def test_it_sees_the_package_and_not_the_course(worker: Any) -> None:
    """`grader` itself is open to everybody; what lies beside it is not."""
    package = Path(jail.__file__).parents[1]

    assert "sandbox" in worker.listed(str(package))
    with pytest.raises(Crashed, match=r"PermissionError|FileNotFoundError"):
        worker.listed(str(package.parent / "solutions"))
    with pytest.raises(Crashed, match=r"PermissionError|FileNotFoundError"):
        worker.listed(tempfile.gettempdir() + "/pytest-of-root")


def test_two_workers_share_no_folder(hand_in: OpenHandIn, level: int) -> None:
    """What one keeps in its folder for temporary files, no other finds: neither at the same time nor afterwards."""
    one, two = (hand_in(LOOKING, level=level) for _ in range(2))
    room = one.proxy.keeps("shared", "an answer")
    try:
        found = "shared" in two.proxy.listed(room)
    except Crashed:
        found = False
    one.session.close()

    later = hand_in(LOOKING, level=level).proxy
    assert not found
    for other in (two.proxy, later):
        assert "own" in other.listed(other.keeps("own", ""))
        assert "shared" not in other.listed(other.keeps("own", ""))


def test_nothing_is_left_on_disk(hand_in: OpenHandIn, level: int) -> None:
    """The folder of a worker goes with it."""
    student = hand_in(LOOKING, level=level)
    room = student.proxy.keeps("left", "text")
    student.session.close()

    assert not Path(room, "left").exists()
    assert level == NAMESPACES or not Path(room).exists()


# -- what it may use -----------------------------------------------------------------------------------------------


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


# -- how it ends ---------------------------------------------------------------------------------------------------


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


def test_workers_end_with_the_channel(hand_in: OpenHandIn, level: int) -> None:
    """When a verifier dies, its workers do: nobody is left to ask them."""
    student = hand_in(LOOKING, level=level)
    student.proxy.one()
    (descriptor,) = student.session.process

    student.session.channel.close()

    assert ended({0: os.dup(descriptor)})


@pytest.fixture(params=[NAMESPACES, LANDLOCK, NOTHING], ids=["level 3", "level 2", "level 0"])
def mortal(request: pytest.FixtureRequest) -> Iterator[NurseryProcess]:
    """A nursery of one's own, to be killed."""
    try:
        started = start_nursery(request.param)
    except IsolationError as fault:
        not_here(f"level {request.param}", fault)
    yield started
    started.close()


def test_everything_ends_with_the_nursery(mortal: NurseryProcess) -> None:
    """A nursery that is killed takes its workers along, whatever they ask for."""
    with closing(mortal.open_channel()) as channel:
        session = Session(channel, {"q1.py": LOOKING.encode()}, "q1", Limits())
        student = Proxy(Line(session, 30.0, {}))
        assert student.one() == 1
        if mortal.level != NOTHING:
            student.asks_to_be_spared()
        scratch = Path(student.ids()[-1]).parent
        family = below(mortal.process.pid, at_least=1)

        os.kill(mortal.process.pid, signal.SIGKILL)

        assert ended(family)
        session.close()
        if mortal.level != NAMESPACES:  # who is killed cannot clean up; namespaces leave nothing
            shutil.rmtree(scratch)


# -- which level ---------------------------------------------------------------------------------------------------


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

    def begin(level: int) -> tuple[object, ...]:
        if level in levels:
            raise IsolationError(f"no {level} here")
        return (level,)

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

    assert best_nursery(trusted=False, begun=(3,)).level == 3


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
    begun[0].kill()
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
