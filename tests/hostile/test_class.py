"""Hostile hand-ins among honest ones, graded by a real `grader run`: nothing read, nothing forged, nobody touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import leftovers
from grader.sandbox.cgroup import own_folders
from tests.hostile.members import WORKED, Member
from tests.hostile.others import ORDINARY, begin_as
from tests.hostile.place import CANARY, HONEST, canary, hand_in, lay_place, open_place, state
from tests.hostile.plotters import attackers, plotters
from tests.hostile.remains import Watched
from tests.hostile.scene import scene
from tests.processes import below

RUN = """
import ctypes, json, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: who is left behind becomes ours
ran = subprocess.run([sys.executable, "-m", "grader", *sys.argv[1:]], capture_output=True, stdin=subprocess.DEVNULL)
print(json.dumps([ran.returncode, ran.stdout.decode("latin1"), ran.stderr.decode("latin1")]), flush=True)
sys.stdin.read()
"""


@dataclass
class Ran:
    """One run: what it wrote, said and left behind."""

    status: int
    said: str
    results: dict[str, bytes]  # under out/hw1, by relative name
    before: dict[str, str]
    after: dict[str, str]
    heard: list[str]
    temporary: list[str]
    members: dict[str, Member] = field(default_factory=dict)
    left: bool = False  # a process
    groups: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)  # files beside the run's own folders
    remains: list[str] = field(default_factory=list)  # shared memory, queues, mounts

    def sheet(self, student: str) -> dict[str, Any]:
        return json.loads(self.results[f"{student}.json"])  # type: ignore[no-any-return]

    def honest(self) -> dict[str, bytes]:
        return {name: self.results[f"{name}.json"] for name in HONEST}


def ownerless() -> list[str]:
    """Control groups of graders that have ended."""
    return [name for _, folder in own_folders() for name in leftovers._ownerless(folder)]


def run(place: Path, members: dict[str, Member], *, user: int, denied: str = "", heard: Any = list) -> Ran:
    """`grader run hw1` of the honest and these members."""
    for student, member in members.items():
        member.lay(hand_in(place, student, member.files))
    if user != os.geteuid():
        subprocess.run(["chown", "-R", "-h", f"{user}:{user}", str(place)], check=True)
    before = state(place)
    known = set(ownerless())
    secrets = {"GRADER_SECRET": canary("environment"), "HOME": str(place / "home"), "GRADER_DATA": str(place / "data")}
    words = ["--submissions", str(place / "submitted"), "--out", str(place / "out"), "--course", str(place / "course")]
    command = [sys.executable, "-c", RUN, "run", "hw1", "--workers", "2", *words]
    with Watched() as watched:
        running = begin_as(
            user, *command, denied=denied, TMPDIR=str(place / "tmp"), MPLCONFIGDIR=str(place / "mpl"), **secrets
        )
        watched.admit(running.pid)
        assert running.stdout is not None
        line = running.stdout.readline()
        family = below(running.pid)
        running.communicate()
        assert line, "the run said nothing"
        remains = [] if family else watched.left()
    status, out, err = json.loads(line)
    made = place / "out" / "hw1"
    results = {str(path.relative_to(made)): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    left = bool(family)
    for descriptor in family.values():
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        os.close(descriptor)
    stayed = [name for name in ownerless() if name not in known]
    temporary = [name for name in os.listdir(place / "tmp") if not name.startswith("torchinductor_")]
    stray = [str(path) for folder in ("/tmp", "/dev/shm") for path in Path(folder).glob(f"*{place.name}?*")]
    return Ran(
        status, out + err, results, before, state(place), heard(), temporary, members, left, stayed, stray, remains
    )


@pytest.fixture(scope="module")
def alone() -> Iterator[Ran]:
    """The honest class by itself."""
    with open_place() as place:
        yield run(lay_place(place), {}, user=os.geteuid())


WAYS = {  # who grades, what is denied, and the level that comes of it
    "as we are": (os.geteuid(), "", 3),
    "an ordinary user": (ORDINARY, "", 3),
    "an ordinary user, namespaces denied": (ORDINARY, "namespaces", 2),
}


@pytest.fixture(scope="module", params=WAYS)
def among(request: pytest.FixtureRequest) -> Iterator[Ran]:
    """The honest class with every hostile member; those that wait for a deadline come the first time only."""
    user, denied, level = WAYS[request.param]
    if user != os.geteuid() and os.geteuid() != 0:
        pytest.skip("only root can run as another user")
    with open_place() as place, scene() as things:
        members = plotters(place)
        if request.param == "as we are":  # the attacks of the scene are played as the others too, in test_hostile
            members |= attackers(things | {"mebibytes": 1000})
        else:
            members = {name: member for name, member in members.items() if not member.slow}
        ran = run(lay_place(place), members, user=user, denied=denied, heard=things["heard"])
        header, _, rest = ran.said[ran.said.index("profile ") :].partition("\n")
        assert f"level {level}" in header, ran.said
        assert rest.startswith("No stronger isolation here (level 3: ") == (level < 3), ran.said
        yield ran


def outcomes(sheet: dict[str, Any], part: str) -> list[tuple[str, float | None]]:
    checks = [check for question in sheet["questions"] for check in question["checks"]]
    judged = [check for check in checks if check["outcome"] != "manual"]  # an essay waits for a person
    return [(check["outcome"], check["earned"]) for check in judged if part in ("", check["part"])]


def test_the_class_is_graded(among: Ran) -> None:
    """Everybody has a marksheet, nobody is left ungraded, and the status says that all is well."""
    students = {name.removesuffix(".json") for name in among.results if name.count(".") == 1 and name.endswith(".json")}

    assert among.status == 0, among.said
    assert students == set(HONEST) | set(among.members)
    assert {name: among.sheet(name)["score"] for name in HONEST} == {name: score for name, (_, score) in HONEST.items()}


def test_the_honest_get_the_same_to_the_byte(among: Ran, alone: Ran) -> None:
    """With the hostile among them and without, on every level, whoever grades."""
    assert among.honest() == alone.honest()


def test_no_attack_earns_what_it_is_after(among: Ran) -> None:
    """The attacked part gives nothing, by a verdict of ours: never a point, never "ungraded"."""
    found = {name: outcomes(among.sheet(name), member.part) for name, member in among.members.items()}

    assert {
        name: outcome
        for name, outcome in found.items()
        if not outcome or any(word not in ("failed", "crashed", "unwritten") or earned for word, earned in outcome)
    } == {}


def test_an_attack_costs_nothing_but_its_own_question(among: Ran) -> None:
    """What the same student has solved honestly elsewhere is full."""
    lost = {}
    for name, member in among.members.items():
        questions = among.sheet(name)["questions"]
        others = [q for q in questions if member.part and not q["id"].startswith(member.part[:2])]
        others = [q for q in others if f"{q['id']}.py" in member.files]
        lost[name] = [q["id"] for q in others if any(c["outcome"] not in ("passed", "manual") for c in q["checks"])]

    assert {name: questions for name, questions in lost.items() if questions} == {}


def test_no_attack_says_that_it_worked(among: Ran) -> None:
    """No page, marksheet, table or line on the terminal holds what an attack would tell."""
    told = {name for name, data in among.results.items() if WORKED.encode() in data}

    assert told == set()
    assert WORKED not in among.said


def test_no_canary_leaves_its_place(among: Ran) -> None:
    """Solutions, checks, key, labels, neighbours, results and the environment are in nothing that the run wrote."""
    told = {name: CANARY.search(data.decode(errors="replace")) for name, data in among.results.items()}

    assert {name for name, found in told.items() if found} == set()
    assert not CANARY.search(among.said)


def test_nothing_else_is_changed(among: Ran) -> None:
    """Course, data, home, earlier results and every hand-in are what they were, in bytes and in rights."""
    assert among.after == among.before


def test_nobody_outside_hears_anything(among: Ran) -> None:
    """Neither by TCP and UDP on the loopback, nor by an abstract name, nor by a socket in the file system."""
    assert among.heard == []


def test_nothing_is_left_behind(among: Ran) -> None:
    """No process, no temporary file, no control group, no shared memory, once the run is over."""
    assert not among.left
    assert among.temporary == []
    assert among.groups == []
    assert among.stray == []
    assert among.remains == []


def test_the_terminal_is_left_alone(among: Ran) -> None:
    """No control character but line ends, and nothing that turns the direction of writing, reaches the terminal."""
    said = among.said.encode("latin1").decode()

    assert [letter for letter in said if not letter.isprintable() and letter not in "\n\r"] == []
