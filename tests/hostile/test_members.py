"""The hostile members of the class are of every kind, and real: a first grader gives each what it wants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tests.hostile.members import GROUPS, WORKED, Member
from tests.hostile.place import CANARY, HONEST, canary, hand_in, lay_place, open_place, state
from tests.hostile.plotters import attackers, plotters
from tests.hostile.scene import scene


def test_there_are_attacks_of_every_kind() -> None:
    """Seven groups, at least five of each, a hundred and more altogether."""
    with open_place() as place, scene() as things:
        kinds = [member.group for member in (plotters(place) | attackers(things)).values()]

    assert set(kinds) == set(GROUPS)
    assert min(kinds.count(group) for group in GROUPS) >= 5
    assert len(kinds) >= 100


@pytest.fixture(scope="module")
def naive() -> Iterator[Any]:
    """`naive(name)`: what a first grader makes of this hand-in, in a place of its own."""
    with open_place() as place:
        lay_place(place)
        environment = os.environ | {"GRADER_SECRET": canary("environment"), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.hostile.naive", str(place)]
        with subprocess.Popen(command, env=environment, text=True, stdin=PIPE, stdout=PIPE) as server:

            def tried(name: str, member: Member | None) -> tuple[dict[str, Any], bool]:
                with open_place() as own:
                    lay_place(own)
                    member = plotters(own)[name] if member is None else member
                    home = hand_in(own, name, member.files)
                    member.lay(home)
                    before = {key: value for key, value in state(own).items() if name not in key}
                    job = {"folder": str(home), "part": member.part, "result": str(own / "out" / f"{name}.json")}
                    server.stdin.write(json.dumps(job) + "\n")
                    server.stdin.flush()
                    told = json.loads(server.stdout.readline())
                    after = {key: value for key, value in state(own).items() if name not in key}
                    for folder in ("/tmp", "/dev/shm"):
                        for left in Path(folder).glob(f"*{own.name}?*"):
                            left.unlink()
                    return told, before != after

            yield tried
            server.stdin.close()


def worked(told: dict[str, Any], changed: bool) -> bool:
    """Whether an attack got something: points, a secret, a neighbour's file, or the end of its grader."""
    words = str((told["told"] or {}).get("told", ""))
    return bool(
        changed
        or told["told"] is None
        or told["status"] not in (0, None)
        or told["told"]["passed"]
        or WORKED in words
        or "\x1b" in words
        or CANARY.search(words)
    )


NAMES = list(plotters(Path("/nowhere")))


@pytest.mark.parametrize("name", NAMES)
def test_the_attack_is_real(name: str, naive: Any) -> None:
    """A grader that shuts nobody in gives it points or a secret, lets it change what is another's, or ends."""
    assert worked(*naive(name, None))


def test_the_first_grader_knows_right_from_wrong(naive: Any) -> None:
    """What the attacks get there can be earned, and is not given for nothing."""
    right, wrong = HONEST["all"][0], HONEST["sum"][0]

    assert naive("honest", Member("", right))[0]["told"]["passed"]
    assert naive("honest", Member("", right, "q3b"))[0]["told"]["passed"]
    assert not worked(*naive("honest", Member("", wrong)))
