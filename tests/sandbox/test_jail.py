"""What a shut-in worker sees of the machine and of other workers, at each level."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import jail
from grader.sandbox.faults import Crashed
from grader.sandbox.nursery import NAMESPACES
from tests.hostile.others import ORDINARY, run_as
from tests.workers import Nurseries, OpenHandIn

LOOKING = """
import os, tempfile

def listed(path):
    return sorted(os.listdir(path))

def exists(path):
    return os.path.exists(path)

def machine():
    return os.uname().nodename

def keeps(name, text):
    with open(os.path.join(tempfile.gettempdir(), name), "w") as file:
        file.write(text)
    return tempfile.gettempdir()
"""


def test_at_level_3_it_sees_the_interpreter_alone(hand_in: OpenHandIn) -> None:
    """No /home, no /etc, of /proc and /sys the processor; of folders those on the way to an interpreter's files."""
    look = hand_in(LOOKING, level=NAMESPACES).proxy
    ways = {path.parts[1] for path in jail.visible_paths()}

    assert set(look.listed("/")) <= ways | {"room", "dev", "tmp", "bin", "lib", "lib64", "proc", "sys"}
    assert set(look.listed("/dev")) == {*jail.DEVICES, "shm"}
    assert look.listed("/dev/shm") == ["hand-in"]
    assert look.listed("/proc") == ["cpuinfo"]
    assert look.listed("/sys") == ["devices"]
    assert look.machine() == "hand-in"
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
