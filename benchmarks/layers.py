"""What isolation costs: the same class graded at level 3, at level 2 and with no layer at all, side by side.

The three questions of benchmarks/three, correct hand-ins, from a cold start; what a machine denies is denied by a
system-call filter, as a container's profile does. Ways take turns, medians of --rounds.

    python benchmarks/layers.py --students 100 --workers 2 --rounds 3
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading import COURSE, solutions

ROOT = Path(__file__).resolve().parent.parent
WAYS = {  # what is denied, and the words by which the run says what it has
    "level 3: namespaces": ([], "level 3"),
    "level 2: Landlock": (["--without-namespaces"], "level 2"),
    "no layer": (["--without-isolation"], "NOT isolated"),
}


def lay_class(home: Path, students: int) -> Path:
    for number in range(students):
        folder = home / "submitted" / f"s{number:03}" / "hw1"
        folder.mkdir(parents=True)
        for name, text in solutions().items():
            (folder / f"{name}.py").write_text(text)
    return home / "submitted"


def graded(submitted: Path, out: Path, workers: int, denied: list[str], said: str) -> float:
    """Wall seconds of a whole run."""
    become = [sys.executable, "-m", "tests.hostile.become", str(os.geteuid()), *denied, "--"]
    run = [sys.executable, "-m", "grader", "run", "hw1", "--course", str(COURSE), "--submissions", str(submitted)]
    words = ["--out", str(out), "--workers", str(workers), "--i-trust-these-submissions"]
    started = time.monotonic()
    done = subprocess.run(
        [*become, *run, *words], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    wall = time.monotonic() - started
    if done.returncode or said not in done.stderr:
        raise SystemExit(f"{said} was asked:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return wall


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--students", type=int, default=100)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    spent: dict[str, list[tuple[int, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        for students in (1, asked.students):  # the difference is what students cost, without the start
            submitted = lay_class(Path(name) / str(students), students)
            for turn in range(asked.rounds):
                for way, (denied, said) in WAYS.items():
                    out = Path(name) / f"{students}-{turn}-{said}"
                    spent[way].append((students, graded(submitted, out, asked.workers, denied, said)))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    )
    print(f"{asked.students} hand-ins of three questions, {asked.workers} at a time, medians of {asked.rounds}\n")
    print("| isolation | a hand-in | hand-ins a minute | start |\n|---|---|---|---|")
    for way, times in spent.items():
        one, all_ = (
            statistics.median(wall for students, wall in times if students == count) for count in (1, asked.students)
        )
        each = (all_ - one) / (asked.students - 1)
        print(f"| {way} | {1000 * each:.0f} ms | {60 / each:.0f} | {one:.1f} s |")


if __name__ == "__main__":
    main()
