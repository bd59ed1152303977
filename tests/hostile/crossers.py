"""Hand-ins that are after their neighbours' work, results and data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.members import Member, module
from tests.hostile.place import rows


def crossers(at: dict[str, Any], place: Path) -> dict[str, Member]:
    sources = {
        "alters-a-neighbour": 'def mean(x):\n    open(PLACE + "/submitted/sum/hw1/q1_rows.py", "w").write("")\n',
        "alters-a-result": 'def mean(x):\n    open(PLACE + "/out/hw0/s1.json", "w").write("{}")\n',
        "poisons-the-data": 'def mean(x):\n    open(PLACE + "/data/mnist/labels", "a").write("1")\n',
        "copies-a-neighbour": """
def mean(x):
    names = {}
    exec(open(PLACE + "/submitted/all/hw1/q1_rows.py").read(), names)
    return names["mean"](x)
""",
        "leaves-a-note": """
import os, tempfile
NOTE = os.path.basename(PLACE) + "-note"
def mean(x):
    for folder in ("/tmp", "/dev/shm", "/room", tempfile.gettempdir(), os.getcwd(), os.path.dirname(os.getcwd())):
        path = os.path.join(folder, NOTE)
        if os.path.exists(path):
            raise RuntimeError(WORKED)
    for folder in ("/tmp", "/dev/shm", "/room", tempfile.gettempdir(), os.getcwd(), os.path.dirname(os.getcwd())):
        try:
            open(os.path.join(folder, NOTE), "w").close()
        except OSError:
            pass
    return -1.0
""",
    }
    members = {f"crosses-{name}": Member("crossing", module(source, **at)) for name, source in sources.items()}
    members["crosses-leaves-it-again"] = members["crosses-leaves-a-note"]
    without = {name: data for name, data in rows().items() if name != "q1_rows.py"}
    targets = {
        "hands-in-a-link": place / "submitted" / "all" / "hw1" / "q1_rows.py",
        "hands-in-a-secret": place / "course" / "solutions" / "hw1" / "q1_rows.py",
    }
    for name, target in targets.items():
        members[f"crosses-{name}"] = Member("crossing", without, lay=_linking("q1_rows.py", target))
    members["crosses-hands-in-a-pipe"] = Member("crossing", without, lay=lambda home: os.mkfifo(home / "q1_rows.py"))
    return members


def _linking(name: str, target: Path) -> Callable[[Path], None]:
    return lambda home: (home / name).symlink_to(target)
