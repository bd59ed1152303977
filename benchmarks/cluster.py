"""The same class on this machine alone and on dask workers of its loopback: marksheets compared, seconds side by side.

    python benchmarks/cluster.py --students 100 --workers 2 4

Every run grades from nothing known. Wall seconds of the whole command, cluster's start included.
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

from regrade import write_class


def run(home: Path, out: str, *more: str) -> float:
    where = ["--course", str(home / "course"), "--submissions", str(home / "submitted"), "--out", str(home / out)]
    words = [sys.executable, "-m", "grader", "run", "hw1", *where, "--device", "cpu", *more]
    started = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    return time.monotonic() - started


def sheets(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("s????.json")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    told = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, dask {version('dask')}")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        write_class(home, told.students)
        alone = run(home, "alone", "--workers", "1")
        right = sheets(home / "alone" / "hw1")
        print(f"{told.students} hand-ins, one worker, no cluster: {alone:.1f} s")
        for workers in told.workers:
            spent = run(home, "cluster", "--cluster", "local", "--workers", str(workers))
            same = "identical" if sheets(home / "cluster" / "hw1") == right else "DIFFERENT"
            print(f"{workers} dask workers: {spent:.1f} s, {alone / spent:.2f} times; marksheets {same}")
            shutil.rmtree(home / "cluster")


if __name__ == "__main__":
    main()
