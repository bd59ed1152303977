"""What a second run costs: nothing changed, one hand-in changed, one check of three changed, everything anew.

    python benchmarks/regrade.py --students 1000

The class of benchmarks/three, all right, all isolation on. Wall seconds of the whole command by a monotonic clock.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

THREE = Path(__file__).parent / "three"
QUESTIONS = ("q1_derivative", "q2_backward", "q3_count")


def run(home: Path, workers: int) -> tuple[float, str]:
    """One `grader run`: its seconds and the first line of its summary."""
    where = ["--course", str(home / "course"), "--submissions", str(home / "submitted"), "--out", str(home / "out")]
    words = ["run", "hw1", *where, "--workers", str(workers), "--device", "cpu"]
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "grader", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"grader {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    return time.monotonic() - started, done.stdout.splitlines()[0]


def write_class(home: Path, students: int) -> None:
    shutil.copytree(THREE, home / "course")
    for number in range(students):
        folder = home / "submitted" / f"s{number:04}" / "hw1"
        folder.mkdir(parents=True)
        for name in QUESTIONS:
            shutil.copy(THREE / "solutions" / "hw1" / f"{name}.py", folder)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{path} has no {old!r}")
    path.write_text(text.replace(old, new), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    told = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "sympy", "numpy"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    print(f"{told.students} hand-ins of three questions, {told.workers} workers")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        write_class(home, told.students)
        checks = home / "course" / "solutions" / "hw1"
        rows = [("everything, the first time", *run(home, told.workers))]
        rows += [("nothing changed", *run(home, told.workers)) for _ in range(3)]
        edit(home / "submitted" / "s0000" / "hw1" / "q3_count.py", "import", "# a word\nimport")
        rows.append(("one hand-in changed", *run(home, told.workers)))
        edit(checks / "test_q3_count.py", "ten logits", "ten numbers")
        rows.append(("one check of three changed", *run(home, told.workers)))
        for what, seconds, said in rows:
            print(f"{what:30}{seconds:9.2f} s   {said}")


if __name__ == "__main__":
    main()
