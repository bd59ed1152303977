"""No layer is decoration: what each stops by itself, and what gets through where it alone is missing."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from functools import cache

import pytest

from grader.errors import IsolationError
from grader.sandbox.nursery import LANDLOCK, NAMESPACES
from tests.hostile.attacks import ATTACKS
from tests.hostile.peeled import LAYERS, start_peeled
from tests.hostile.scene import scene, shut_in
from tests.sample_course import ROOT
from tests.workers import not_here

NAMES = {NAMESPACES: "level 3", LANDLOCK: "level 2"}


@dataclass(frozen=True)
class Peeled:
    """Attacks by layer: those that it stops with every other layer gone, and those that come through without it."""

    real: frozenset[str]
    alone: dict[str, frozenset[str]]
    missed: dict[str, frozenset[str]]


GREEDY = {
    name for name in ATTACKS if name.startswith(("takes_memory", "forks", "starts_", "opens_files", "writes_one"))
}


def through(level: int, kept: set[str], *, greedy: bool = True) -> frozenset[str]:
    """The attacks that get what they want past these layers. `greedy`: those too that want more than there is."""
    found = set()
    with contextlib.closing(start_peeled(level, kept)) as nursery, contextlib.ExitStack() as stack:
        things = None
        for name in ATTACKS if greedy else set(ATTACKS) - GREEDY:
            things = stack.enter_context(scene()) if things is None else things
            with shut_in(nursery) as play:
                if play(name, things | {"own_folder": ""}) is True:
                    found.add(name)
                    things = None  # it may lie in ruins
                    stack.close()
    return frozenset(found)


@cache
def peeled(level: int) -> Peeled:
    layers = set(LAYERS[level])
    real = through(level, set())
    alone, missed = {}, {}
    for layer in LAYERS[level]:
        greedy = layer == "limits"  # nothing else is there for them
        mine = real if greedy else real - GREEDY
        alone[layer] = mine - through(level, {layer}, greedy=greedy)
        missed[layer] = through(level, layers - {layer}, greedy=greedy)
    return Peeled(real, alone, missed)


def table(level: int) -> list[str]:
    """Lines of docs/security.md: each layer, how much it stops by itself, and what comes through without it."""
    found = peeled(level)
    lines = [f"| {NAMES[level]} | stops by itself | comes through where it alone is missing |", "|---|---|---|"]
    for layer in LAYERS[level]:
        missed = ", ".join(name.replace("_", " ") for name in ATTACKS if name in found.missed[layer]) or "nothing"
        lines.append(f"| {layer} | {len(found.alone[layer])} of {len(found.real)} | {missed} |")
    return lines


@pytest.fixture(params=NAMES, ids=NAMES.values())
def level(request: pytest.FixtureRequest) -> int:
    if os.geteuid() != 0:
        pytest.skip("only root has a layer of users to take off")
    try:
        start_peeled(request.param, set(LAYERS[request.param])).close()
    except IsolationError as fault:
        not_here(NAMES[request.param], fault)
    return int(request.param)


def test_every_layer_stops_something_by_itself(level: int) -> None:
    """With all others taken off, each still stops attacks that get through where there is none."""
    assert {layer for layer, stopped in peeled(level).alone.items() if not stopped} == set()


def test_together_they_stop_everything(level: int) -> None:
    """With all of them on, nothing gets through; with none, nearly everything does."""
    assert through(level, set(LAYERS[level])) == frozenset()
    assert len(peeled(level).real) > 0.8 * len(ATTACKS)


def test_the_documentation_has_the_table(level: int) -> None:
    """docs/security.md says of each layer what it stops by itself and what it alone stops, as found here."""
    found, told = peeled(level), documented(level)

    assert list(told) == list(LAYERS[level])
    for layer, (stopped, real, missed) in told.items():
        assert missed & found.real == found.missed[layer] & found.real, layer
        if real == len(found.real):  # some machines stop some attacks by themselves
            assert stopped == len(found.alone[layer]), layer


def documented(level: int) -> dict[str, tuple[int, int, set[str]]]:
    """By layer: how many attacks it stops by itself, of how many, and those that only it stops."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = page.split(f"| {NAMES[level]} | stops by itself |", 1)[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {
        layer: (*map(int, numbers.split(" of ")), {name.replace(" ", "_") for name in names.split(", ")} - {"nothing"})
        for layer, numbers, names in cells
    }


if __name__ == "__main__":
    for one in NAMES:
        print("\n".join(table(one)), end="\n\n", flush=True)
