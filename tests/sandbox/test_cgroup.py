"""Control groups of version 2, in a folder that follows the kernel's rules (Documentation/admin-guide/cgroup-v2.rst).

Top-down: a group has the files of those controllers that its parent hands down (cgroup.subtree_control). No internal
processes: a group that holds processes cannot hand anything down, unless it is the root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from grader.sandbox import cgroup
from grader.sandbox.cgroup import Groups, open_groups, own_folders, remove_groups
from grader.sandbox.leftovers import new_name
from tests.workers import counted

FILES = {"memory": ("memory.max", "memory.swap.max"), "pids": ("pids.max",), "cpu": ("cpu.weight",)}
Living = Callable[..., Path]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose groups lie in `tmp_path`; the file that says in which of them we live."""
    monkeypatch.setattr(cgroup, "ROOT", tmp_path)
    monkeypatch.setattr(cgroup, "MEMBERSHIP", tmp_path / "membership")
    return tmp_path / "membership"


@pytest.fixture
def living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Path) -> Living:
    """`living(path)`: we live in this group of a machine that hands these controllers down to every slice."""
    make, remove = os.mkdir, os.rmdir

    def mkdir(name: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        make(name, mode, dir_fd=dir_fd)
        group = Path(name) if dir_fd is None else Path(os.readlink(f"/proc/self/fd/{dir_fd}"), name)
        if group.is_relative_to(tmp_path):
            lay(group)

    def lay(group: Path) -> None:
        has = set(FILES)
        if group != tmp_path:
            control, has_itself = (
                (group.parent / f"cgroup.{name}").read_text() for name in ("subtree_control", "controllers")
            )
            has = set(control.replace("+", "").split()) & set(has_itself.split())
        (group / "cgroup.controllers").write_text(" ".join(has))
        for name in ("cgroup.subtree_control", "cgroup.procs", *(name for each in has for name in FILES[each])):
            (group / name).write_text("")

    def rmdir(name: str | Path, *, dir_fd: int | None = None) -> None:
        group = Path(name) if dir_fd is None else Path(os.readlink(f"/proc/self/fd/{dir_fd}"), name)
        if not any(path.is_dir() for path in group.iterdir()):  # else it stays, and the kernel says why
            for file in group.iterdir():
                file.unlink()
        remove(name, dir_fd=dir_fd)

    def live(path: str, handed_down: str = "memory pids") -> Path:
        group = tmp_path
        for name in path.split("/"):
            (group / "cgroup.subtree_control").write_text(handed_down)
            group /= name
            group.mkdir()
        (group / "cgroup.procs").write_text(str(os.getpid()))
        machine.write_text(f"0::/{path}\n")
        return group

    lay(tmp_path)
    monkeypatch.setattr(os, "mkdir", mkdir)
    monkeypatch.setattr(os, "rmdir", rmdir)
    return live


def opened() -> Groups:
    groups = open_groups("grader-1-0123abcd")
    assert groups is not None
    return groups


def test_a_group_beside_ours_counts(living: Living) -> None:
    """Where we live there are processes, so ours stands beside it, holds none and hands both controllers down."""
    home = living("user.slice/session.scope")
    groups = opened()
    groups.create("worker-1", 1 << 30, 64)
    groups.enter("worker-1")
    groups.close()

    worker = home.parent / "grader-1-0123abcd" / "worker-1"
    assert groups.counts_memory
    assert (worker / "memory.max").read_text() == str(1 << 30)
    assert (worker / "pids.max").read_text() == "64"
    assert (worker / "cgroup.procs").read_text() == "0"  # whoever writes it
    assert (worker.parent / "cgroup.procs").read_text() == ""
    assert (home / "cgroup.subtree_control").read_text() == ""


def test_a_group_that_hands_down_gets_ours_below_it(living: Living) -> None:
    """The root may hold processes and hand down all the same."""
    root = living("init.scope").parent
    (root / "membership").write_text("0::/\n")

    assert own_folders() == [("unified", root)]
    opened().close()
    assert (root / "grader-1-0123abcd").is_dir()


def test_where_the_group_above_hands_nothing_down_the_next_does(living: Living) -> None:
    """As a virtual machine's own service does that keeps each command in a group of its own."""
    home = living("service/command")
    (home.parent / "cgroup.subtree_control").write_text("pids")

    assert own_folders() == [("unified", home.parent.parent)]
    assert opened().counts_memory
    assert not (home.parent / "grader-1-0123abcd").exists()


@pytest.mark.parametrize(("handed_down", "shared"), [("memory pids cpu", True), ("memory pids", False)])
def test_workers_weigh_the_same_where_the_processor_is_handed_down(
    living: Living, handed_down: str, shared: bool
) -> None:
    """Each group begins with the kernel's own weight; without that controller the others are handed down as before."""
    home = living("user.slice/session.scope", handed_down)
    with closing(opened()) as groups:
        groups.create("worker-1", 1 << 30, 64)

        worker = home.parent / "grader-1-0123abcd" / "worker-1"
        assert groups.counts_memory
        assert (worker / "cpu.weight").exists() is shared


@pytest.mark.parametrize("name", ["cpu", "cpu,cpuacct"])
def test_version_1_shares_the_processor_out(machine: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """All workers weigh as much as a process a core, beside whatever else runs, and each of them the same."""
    for controller in ("memory", "cpu"):
        machine.with_name(controller).mkdir()
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(Groups, "create", lambda *given: None)
    machine.write_text(f"2:{name}:/\n1:memory:/\n")

    opened().close()

    assert (machine.parent / "cpu" / "grader-1-0123abcd" / "cpu.shares").read_text() == "3072"
    assert (machine.parent / "memory" / "grader-1-0123abcd").is_dir()


def test_without_shares_of_the_processor_memory_is_bounded_all_the_same(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody lets us make a group for the processor, the others are made."""
    machine.with_name("memory").mkdir()
    monkeypatch.setattr(Groups, "create", lambda *given: None)
    machine.write_text("2:cpu:/\n1:memory:/\n")

    with closing(opened()) as groups:
        assert [controller for controller, _ in groups.folders] == ["memory"]


def test_where_nothing_is_handed_down_there_are_no_groups(living: Living) -> None:
    """A folder without the controllers' files bounds nothing: the rlimits stand alone, and nothing stays."""
    home = living("user.slice/session.scope")
    for above in (home.parent, home.parent.parent):
        (above / "cgroup.subtree_control").write_text("pids")

    assert open_groups("grader-1-0123abcd") is None
    assert not (home.parent.parent / "grader-1-0123abcd").exists()


def test_ours_are_removed_with_their_workers(living: Living) -> None:
    """Whatever a killed run has left."""
    home = living("user.slice/session.scope")
    groups = opened()
    groups.create("worker-1", 1 << 30, 64)
    groups.close()

    remove_groups("grader-1-0123abcd")

    assert [path.name for path in home.parent.iterdir() if path.is_dir()] == ["session.scope"]


@pytest.mark.parametrize(
    ("events", "own"),
    [
        ("max 9\noom 1\noom_kill 1\n", True),
        ("max 9\noom 0\noom_kill 1\n", False),  # the machine had no more, or a group above
        ("max 9\noom 1\noom_kill 0\n", False),
        ("max 9\noom 1\n", False),  # a kernel that does not count its kills
    ],
)
def test_what_the_groups_own_limit_has_killed_is_told(living: Living, events: str, own: bool) -> None:
    """A kill is its own where an allocation had failed at its own limit."""
    home = living("user.slice/session.scope")
    with closing(opened()) as groups:
        groups.create("worker-1", 1 << 30, 64)
        assert not groups.overran("worker-1")  # nobody counts
        (home.parent / "grader-1-0123abcd" / "worker-1" / "memory.events").write_text(events)

        assert groups.overran("worker-1") == own


@pytest.mark.parametrize(
    ("kills", "swap", "most", "own"),
    [
        (1, True, 1 << 30, True),
        (1, False, 1 << 30, True),
        (1, True, 1 << 29, False),  # the machine had no more, or a group above
        (0, True, 1 << 30, False),
    ],
)
def test_version_1_tells_by_the_most_that_was_held(
    tmp_path: Path, kills: int, swap: bool, most: int, own: bool
) -> None:
    """It has no count of what failed at the limit itself; with swap counted, memory alone may have been less."""
    worker = tmp_path / "worker-1"
    worker.mkdir()
    (worker / "memory.oom_control").write_text(f"oom_kill_disable 0\nunder_oom 0\noom_kill {kills}\n")
    (worker / "memory.limit_in_bytes").write_text(f"{1 << 30}\n")
    (worker / "memory.max_usage_in_bytes").write_text(f"{1 << 20 if swap else most}\n")
    if swap:
        (worker / "memory.memsw.max_usage_in_bytes").write_text(f"{most}\n")
    with closing(Groups((("memory", os.open(tmp_path, os.O_RDONLY)),))) as groups:
        assert groups.overran("worker-1") == own


def test_groups_that_do_not_count_memory_tell_nothing(tmp_path: Path) -> None:
    """Where only processes may be counted, the kernel kills for the machine's want of memory alone."""
    with closing(Groups((("pids", os.open(tmp_path, os.O_RDONLY)),))) as groups:
        assert not groups.overran("worker-1")


EATS = """
import sys
for group in sys.argv[1:]:
    with open(f"{group}/cgroup.procs", "w") as file:
        file.write("0")
taken = bytearray(512 << 20)
taken[::4096] = bytes(len(taken) // 4096)
"""


@pytest.mark.parametrize(("worker", "above", "own"), [(128, 1024, True), (1024, 128, False)])
def test_the_kernel_tells_whose_limit_it_was(worker: int, above: int, own: bool) -> None:
    """Killed for 512 MiB that its own group refuses, or the group above it, which is not its own doing."""
    if not counted():
        pytest.skip("no control group that counts memory may be made here")
    name = new_name()
    groups = open_groups(name)
    assert groups is not None
    try:
        for controller, folder in own_folders():
            if controller in ("memory", "unified"):
                limit = "memory.max" if controller == "unified" else "memory.limit_in_bytes"
                (folder / name / limit).write_text(str(above << 20))
        groups.create("worker", worker << 20, 64)
        places = [str(folder / name / "worker") for _, folder in own_folders() if (folder / name).is_dir()]
        eater = subprocess.run([sys.executable, "-S", "-c", EATS, *places], capture_output=True, check=False)

        assert (eater.returncode, eater.stderr) == (-9, b"")
        assert groups.overran("worker") == own
    finally:
        groups.close()
        remove_groups(name)
