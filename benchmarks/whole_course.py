"""How long the whole course takes for one student who has everything right, trainings included.

    python benchmarks/whole_course.py [--data DIR] [--workers N] [--device auto]

Each set is one `grader run` from a cold start in the quick profile, on hand-ins made of the solutions. Without --data
the generated stand-ins are used, even where real data sets have been fetched. Wall seconds by a monotonic clock, CPU
seconds of all processes by the system's own accounting (what a busy machine does not change); the bar is five minutes
of wall time for all sets on two cores. A set in which a point is missing is no measurement.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.course import Assignment, find_course

STUDENT = "everything"
BAR = 300.0  # seconds, all sets together


def hand_in(assignment: Assignment, folder: Path) -> None:
    """The student's modules: the solutions as they are."""
    folder.mkdir(parents=True)
    for question in assignment.questions:
        shutil.copy(question.source, folder)


def run(assignment: Assignment, home: Path, data: Path, options: list[str]) -> tuple[float, float, dict[str, Any]]:
    """Wall and CPU seconds of one `grader run`, and the marksheet that it wrote."""
    hand_in(assignment, home / assignment.id / STUDENT)
    command = [sys.executable, "-m", "grader", "run", assignment.id, "--submissions", str(home / assignment.id)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ended = subprocess.run(
        [*command, "--out", str(home / "out"), "--data", str(data), "--profile", "quick", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        told = f"{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}"
        raise SystemExit(f"{assignment.id} ended with {ended.returncode}:\n{told}")
    sheet = json.loads((home / "out" / assignment.id / f"{STUDENT}.json").read_text(encoding="utf-8"))
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="where the real data sets lie; default: stand-ins are generated")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cpu", choices=("auto", "cpu", "cuda"))
    told = parser.parse_args()

    course = find_course(Path(__file__).parents[1])
    versions = f"Python {platform.python_version()}, torch {version('torch')}"
    print(f"{platform.platform()}, {os.cpu_count()} cores, {versions}", flush=True)
    total = effort = 0.0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        data = told.data or home / "no data"
        data.mkdir(exist_ok=True)
        for name in course.assignments:
            options = ["--workers", str(told.workers), "--device", told.device]
            wall, cpu, sheet = run(course.assignment(name), home, data.resolve(), options)
            total, effort = total + wall, effort + cpu
            most = sheet["max_score"] + sheet["bonus_points"]
            used = ", ".join(f"{key}: {value}" for key, value in sheet["manifest"]["data"].items()) or "no data"
            print(f"{name}  {wall:6.1f} s  {cpu:6.1f} s CPU  {sheet['score']} of {most:g}  ({used})", flush=True)
            if sheet["score"] != most:
                raise SystemExit(f"{name}: the solutions did not earn everything, so this is no measurement.")
    print(f"all  {total:6.1f} s  {effort:6.1f} s CPU, {told.workers} workers, {told.device}; the bar is {BAR:g} s")
    raise SystemExit(total > BAR)


if __name__ == "__main__":
    main()
