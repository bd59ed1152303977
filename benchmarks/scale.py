"""Time and memory of `grader run` against the size of the class.

    python benchmarks/scale.py --students 100 200 500 1000 2000 [--plot scale.png]

Classes of benchmarks/three, all isolation on, each from nothing known. Wall seconds by a monotonic clock; memory is the
most that the runner itself has held (VmHWM), for workers and verifiers come and go.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from regrade import write_class


def measured(home: Path, workers: int) -> tuple[float, float]:
    """Seconds of one run, and MiB of its runner."""
    where = ["--course", str(home / "course"), "--submissions", str(home / "submitted"), "--out", str(home / "out")]
    words = ["run", "hw1", *where, "--workers", str(workers), "--device", "cpu"]
    started, most = time.monotonic(), 0
    running = subprocess.Popen(
        [sys.executable, "-m", "grader", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while running.poll() is None:
        try:
            lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
            most = max(most, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
        except OSError:
            pass
        time.sleep(0.1)
    if running.returncode:
        raise SystemExit(f"grader {' '.join(words)} failed")
    return time.monotonic() - started, most / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[100, 200, 500, 1000, 2000])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--plot", type=Path)
    told = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'hand-ins':>9}{'seconds':>10}{'s each':>9}{'runner MiB':>12}")
    rows = []
    for students in told.students:
        with tempfile.TemporaryDirectory() as place:
            write_class(Path(place), students)
            seconds, memory = measured(Path(place), told.workers)
        rows.append((students, seconds, memory))
        print(f"{students:9}{seconds:10.1f}{seconds / students:9.4f}{memory:12.0f}", flush=True)
    if told.plot:
        from matplotlib import pyplot

        figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
        numbers, seconds, memory = zip(*rows, strict=True)
        left.plot(numbers, seconds, "o-")
        left.set(xlabel="hand-ins", ylabel="seconds", ylim=(0, None))
        right.plot(numbers, memory, "o-")
        right.set(xlabel="hand-ins", ylabel="MiB of the runner", ylim=(0, None))
        figure.savefig(told.plot, dpi=110)


if __name__ == "__main__":
    main()
