"""Every attack is real, for it succeeds where there is no layer, and every layer stops it: for root and for others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from tests.hostile.attacks import ATTACKS
from tests.hostile.others import ORDINARY, play_as, verdicts
from tests.hostile.scene import naive, scene, shut_in
from tests.workers import Nurseries, not_here

# What some machines do not let anybody do: without a right to it, in a container, or by a kernel built without it.
CLOSED_BY_SOME = {
    "reads_memory_as_a_file",
    "reads_memory_by_a_call",
    "traces_a_process",
    "takes_a_descriptor",
    "mounts",
    "unshares",
    "clones_a_namespace",
    "changes_the_root",
    "joins_a_namespace",
    "opens_the_keyring",
    "gets_rights_back",
    "makes_a_file_its_own",
    "takes_its_limits_back",
    "dumps_its_core",
    "opens_files",
    "starts_threads",
    "forks",
}


HARMLESS_BESIDE_A_CARD = {"takes_a_name"}  # from nobody, in a network of its own: tests/sandbox/test_gpu_worker.py


@pytest.fixture
def things() -> Iterator[dict[str, Any]]:
    """A scene of its own for each attack: it may lie in ruins afterwards."""
    with scene() as found:
        yield found


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_real(name: str, things: dict[str, Any]) -> None:
    """Without any layer it gets what it wants."""
    found = naive(name, things)
    if found is not True and name in CLOSED_BY_SOME:
        pytest.skip(f"this machine stops it by itself: {found}")

    assert found is True


@pytest.mark.parametrize("level", [NAMESPACES, LANDLOCK])
@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_stopped(name: str, level: int, nurseries: Nurseries, things: dict[str, Any]) -> None:
    """Shut in, it gets nothing."""
    with shut_in(nurseries.at(level)) as play:
        assert play(name, things | {"own_folder": ""}) is not True


@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in HARMLESS_BESIDE_A_CARD])
def test_the_attack_is_stopped_beside_a_card(name: str, nurseries: Nurseries, things: dict[str, Any]) -> None:
    """Who trains on a GPU has more of /proc, /sys and /dev, and still gets nothing."""
    with shut_in(nurseries.at(NAMESPACES, card=True)) as play:
        assert play(name, things | {"own_folder": ""}) is not True


USERS = {  # who plays at which level, beside the user who runs the tests
    "an ordinary user, level 3": (ORDINARY, NAMESPACES),
    "an ordinary user, level 2": (ORDINARY, LANDLOCK),
}


@pytest.fixture(scope="module")
def played() -> dict[str, dict[str, Any]]:
    """How every attack ended for each of the users: their scenes are played at the same time."""
    if os.geteuid() != 0:
        pytest.skip("only root can play as other users")
    started = {who: play_as(user, level) for who, (user, level) in USERS.items()}
    return {who: verdicts(playing) for who, playing in started.items()}


@pytest.mark.parametrize("who", USERS)
def test_the_attacks_are_stopped_for(who: str, played: dict[str, dict[str, Any]]) -> None:
    """The same user owns the secret, the victim and the worker, and still the worker reaches neither."""
    found = played[who]
    if "level" in found:
        not_here(who, found["level"])

    assert found.pop("works") == [True, True]
    assert set(found) == set(ATTACKS)
    assert [name for name, ending in found.items() if ending is True] == []
