"""Leftovers: what a killed run could not take away goes with the next run; what somebody may still need stays."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.sandbox import leftovers
from grader.sandbox.leftovers import new_name, sweep
from tests.hostile.others import ORDINARY, run_as


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A folder for scratch, and one that stands for a control group's."""
    scratch, groups = tmp_path / "scratch", tmp_path / "groups"
    scratch.mkdir()
    groups.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(leftovers, "own_folders", lambda: [("pids", groups)])
    monkeypatch.setattr(leftovers, "remove_groups", lambda name: (groups / name).rmdir())
    return [scratch, groups]


def ended_process() -> int:
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_what_nobody_owns_is_swept(places: list[Path]) -> None:
    """A folder and a group called after a process that has ended."""
    for place in places:
        (place / f"grader-{ended_process()}-0123abcd").mkdir()
    (places[0] / f"grader-{ended_process()}-0123abcd").mkdir(exist_ok=True)

    sweep()

    assert [list(place.iterdir()) for place in places] == [[], []]


def test_the_living_keep_what_is_theirs(places: list[Path]) -> None:
    """Ours, everybody's whose process lives, and whatever is called otherwise."""
    kept = {new_name(), f"grader-{os.getppid()}-0123abcd", "grader-1-0123abcd", "grader-notes", "grader-99-copy"}
    for place in places:
        for name in kept:
            (place / name).mkdir()

    sweep()

    assert [{path.name for path in place.iterdir()} for place in places] == [kept, kept]


def test_no_other_user_s_folder_is_touched(places: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared /tmp, who we are not may have called theirs anything."""
    theirs = places[0] / f"grader-{ended_process()}-0123abcd"
    theirs.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: theirs.stat().st_uid + 1)

    sweep()

    assert theirs.exists()


LOCKED = """
import os, shutil, tempfile
from pathlib import Path
from grader.sandbox.leftovers import remove_tree

place = Path(tempfile.mkdtemp())
(place / "elsewhere").mkdir(0o500)
tree = place / "home" / "dark" / "darker"
tree.mkdir(parents=True)
(tree / "file").touch()
(tree / "link").symlink_to(place / "elsewhere")
for folder in (tree, tree.parent, place / "home"):
    folder.chmod(0)
remove_tree(str(place / "home"))
print((place / "home").exists(), oct((place / "elsewhere").stat().st_mode & 0o777))
shutil.rmtree(place)
"""


def test_a_locked_folder_is_swept() -> None:
    """Folders that their owner may not list, enter or change go as well; what a link leads to stays as it is."""
    user = os.geteuid() or ORDINARY  # root may do everything

    assert run_as(user, sys.executable, "-c", LOCKED).split() == ["False", "0o500"]


DEEP = """
import os, tempfile
from grader.sandbox.leftovers import remove_tree

place = tempfile.mkdtemp()
os.chdir(place)
for _ in range(2_000):
    os.mkdir("deeper than any path")
    os.chdir("deeper than any path")
    os.close(os.open("file", os.O_CREAT))
os.chdir("/")
print(remove_tree(place, 100), os.path.exists(place), remove_tree(place), os.path.exists(place))
"""


def test_a_folder_of_any_depth_is_removed() -> None:
    """Nested 2,000 times: no path is that long, and no stack that deep. Who has no time for that is told."""
    user = os.geteuid() or ORDINARY

    assert run_as(user, sys.executable, "-c", DEEP).split() == ["False", "True", "True", "False"]


def test_a_link_is_not_followed(places: list[Path], tmp_path: Path) -> None:
    """A link with a swept name does not lead the sweep elsewhere."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (places[0] / f"grader-{ended_process()}-0123abcd").symlink_to(tmp_path / "precious")

    sweep()

    assert (tmp_path / "precious" / "file").exists()
