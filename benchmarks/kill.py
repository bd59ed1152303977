"""kill -9 at random moments: the runner, the template, the nursery, verifiers, their helpers, workers.

    python benchmarks/kill.py --students 100 --kills 100

A class of benchmarks/three is graded over and over while processes of the run are killed. A run whose runner died is
started again; one that says that something was not judged is started again too. In the end the marksheets must be
those of an undisturbed run, byte for byte, and no process, half-written file or control group may be left.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from regrade import write_class

RARE = {"runner": 0.05, "template": 0.1, "nursery": 0.3}  # or no run would come to the others


def family(runner: int) -> dict[int, str]:
    """Every process of a run by what it is."""
    parents: dict[int, list[int]] = collections.defaultdict(list)
    words: dict[int, bytes] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat, words[int(entry.name)] = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(parent)].append(int(entry.name))
    found = {runner: "runner"}
    for template in parents[runner]:
        found[template] = "template"
        for child in parents[template]:
            if b"sandbox.nursery" in words.get(child, b""):
                found |= nursery(child, parents)
            else:
                found[child] = "verifier"
                found |= dict.fromkeys(parents[child], "helper")
    return found


def nursery(outer: int, parents: dict[int, list[int]]) -> dict[int, str]:
    """At level 3 the nursery itself is the child of the process that was started; its workers live for milliseconds."""
    found = {outer: "nursery"}
    for inner in parents[outer]:
        found[inner] = "nursery with workers"
    return found


def kill(victim: int, kind: str) -> str:
    """Kill it, or the next worker of a nursery; what was killed, "" if nothing was."""
    deadline = time.monotonic() + 0.5
    while kind == "nursery with workers" and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if workers := Path(f"/proc/{victim}/task/{victim}/children").read_text().split():
                os.kill(int(workers[0]), signal.SIGKILL)
                return "worker"
    if kind != "nursery with workers":
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            return kind
    return ""


def sheets(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("s????.json")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    kills: collections.Counter[str] = collections.Counter()
    runs = classes = wrong = 0
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        write_class(home, told.students)
        where = ["--course", str(home / "course"), "--submissions", str(home / "submitted")]
        words = [sys.executable, "-m", "grader", "run", "hw1", *where, "--workers", str(told.workers)]

        def start(out: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*words, "--device", "cpu", "--out", str(home / out)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        if start("undisturbed").wait():
            raise SystemExit("the undisturbed run did not end well")
        right = sheets(home / "undisturbed" / "hw1")
        while sum(kills.values()) < told.kills:
            classes += 1
            status: int | None = None
            while status != 0:
                runs += 1
                running = start("killed")
                kin: dict[int, str] = {}
                while (status := running.poll()) is None:
                    time.sleep(chance.uniform(0.05, 0.7))
                    kin = family(running.pid)
                    kinds = sorted(set(kin.values()))
                    if "verifier" not in kinds and chance.random() > 0.1:  # still starting: most kills come later
                        continue
                    kind = chance.choices(kinds, [RARE.get(kind, 1.0) for kind in kinds])[0]
                    victim = chance.choice([pid for pid, what in kin.items() if what == kind])
                    if sum(kills.values()) < told.kills and (killed := kill(victim, kind)):
                        kills[killed] += 1
                deadline = time.monotonic() + 30
                while any(Path(f"/proc/{pid}").exists() for pid in kin) and time.monotonic() < deadline:
                    time.sleep(0.05)
                if left := [f"{kin[pid]} {pid}" for pid in kin if Path(f"/proc/{pid}").exists()]:
                    print(f"still there: {', '.join(left)}")
                    wrong += 1
            found = sheets(home / "killed" / "hw1")
            same = found == right
            half = [p.name for p in (home / "killed").rglob(".*")]
            wrong += (not same) + bool(half)
            said = "identical" if same else "DIFFERENT"
            print(f"class {classes}: {sum(kills.values())} kills, {runs} runs, {said} {half or ''}")
            for name in sorted(name for name in right if found.get(name) != right[name]):
                print(f"  {name}: {found.get(name, b'missing').decode()}")
            shutil.rmtree(home / "killed")
        start("undisturbed").wait()  # sweeps what the last of the killed has left
    names = {p.name for p in Path("/sys/fs/cgroup").rglob("grader-*")}
    left_groups = [name for name in names if not Path(f"/proc/{name.split('-')[1]}").exists()]
    print(f"{sum(kills.values())} kills ({', '.join(f'{n} of a {kind}' for kind, n in sorted(kills.items()))})")
    print(
        f"{runs} runs of {classes} classes of {told.students}; {wrong} wrong; control groups left: {len(left_groups)}"
    )
    sys.exit(bool(wrong or left_groups))


if __name__ == "__main__":
    main()
