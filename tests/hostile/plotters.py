"""The hostile members of a class.

Those whose attack is a function of `attacks` or a text of `test_forging` are shown to be real there; the others are
handed to the grader of `naive` for that.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from tests.hostile.attacks import ATTACKS
from tests.hostile.breakers import breakers
from tests.hostile.cheats import cheats
from tests.hostile.crossers import crossers
from tests.hostile.forgers import forgers
from tests.hostile.members import GROUPS, Member, module
from tests.hostile.packers import packers
from tests.hostile.readers import readers
from tests.hostile.scene import arguments
from tests.hostile.test_forging import FORGERIES


def attackers(things: dict[str, Any]) -> dict[str, Member]:
    """Every attack, and every forgery, as somebody's hand-in; `things`: what is to be had in the scene."""
    members = {}
    for name, function in ATTACKS.items():
        group = function.__module__.rpartition(".")[2]
        given = arguments(name, things | {"own_folder": ""})
        told = f"raise RuntimeError(WORKED if {name}(**{given!r}) is True else 'no')"
        source = f"{inspect.getsource(function)}\ndef mean(x):\n    {told}\n"
        members[name.replace("_", "-")] = Member(group if group in GROUPS else "breaking", module(source))
    for number, source in enumerate(FORGERIES.values(), 1):
        members[f"forgery-{number}"] = Member("forging", module(source))
    return members


def plotters(place: Path) -> dict[str, Member]:
    """Hand-ins that are after this very course and class."""
    at = {"PLACE": str(place)}
    return {
        **readers(at),
        **forgers(at),
        **breakers(at),
        **crossers(at, place),
        **cheats(place),
        **packers(place),
    }
