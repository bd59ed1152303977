"""What isolation costs: the same class graded at level 3, at level 2 and with no layer at all, side by side.

The three questions of benchmarks/three, correct hand-ins, from a cold start; what a machine denies is denied by a
system-call filter, as a container's profile does. Ways take turns, medians of --rounds.

    python benchmarks/layers.py --students 100 --workers 2 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from grading import COURSE, solutions, timed

ROOT = Path(__file__).resolve().parent.parent
WAYS = {  # what is denied, and the level that comes of it
    "level 3: namespaces": ([], 3),
    "level 2: Landlock": (["--without-namespaces"], 2),
    "no layer": (["--without-isolation"], 0),
}


def lay_class(home: Path, students: int) -> Path:
    for number in range(students):
        folder = home / "submitted" / f"s{number:03}" / "hw1"
        folder.mkdir(parents=True)
        for name, text in solutions().items():
            (folder / f"{name}.py").write_text(text)
    return home / "submitted"


def graded(submitted: Path, out: Path, workers: int, denied: list[str], level: int) -> tuple[float, float]:
    """Wall and CPU seconds of a whole run, all its processes together."""
    become = [sys.executable, "-m", "tests.hostile.become", str(os.geteuid()), *denied, "--"]
    run = [sys.executable, "-m", "grader", "run", "hw1", "--course", str(COURSE), "--submissions", str(submitted)]
    words = ["--out", str(out), "--workers", str(workers), "--i-trust-these-submissions"]
    spent = timed([*become, *run, *words], submitted, os.environ | {"PYTHONPATH": str(ROOT)})
    got = json.loads((out / "hw1" / "s000.run.json").read_text())["isolation"]
    if got != level:
        raise SystemExit(f"level {level} was asked, and this machine gave {got}")
    return spent


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--students", type=int, default=100)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    spent: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for students in (1, asked.students):  # the difference is what students cost, without the start
            submitted = lay_class(Path(name) / str(students), students)
            for turn in range(asked.rounds):
                for way, (denied, level) in WAYS.items():
                    out = Path(name) / f"{students}-{turn}-{level}"
                    times = graded(submitted, out, asked.workers, denied, level)
                    spent.setdefault((way, students), []).append(times)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    )
    print(f"{asked.students} hand-ins of three questions, {asked.workers} at a time, medians of {asked.rounds}\n")
    print(
        "| isolation | CPU a hand-in | wall a hand-in | hand-ins a minute | CPU of the start |\n|---|---|---|---|---|"
    )
    for way in WAYS:
        one, all_ = (
            [statistics.median(side) for side in zip(*spent[way, n], strict=True)] for n in (1, asked.students)
        )
        wall, cpu = ((late - early) / (asked.students - 1) for early, late in zip(one, all_, strict=True))
        print(f"| {way} | {1000 * cpu:.0f} ms | {1000 * wall:.0f} ms | {60 / wall:.0f} | {one[1]:.1f} s |")


if __name__ == "__main__":
    main()
