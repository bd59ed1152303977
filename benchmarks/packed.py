"""Trainings side by side: how much sooner they are done than one after another, with one thread each or several.

    python benchmarks/packed.py [PART ...] [--n 5] [--slots 2] [--data DIR] [--device cpu] [--rows 1000]

Each training runs in a process of its own, which imports, loads its rows and trains a warming step before the clock
starts, as a grader's worker does. Of every repeat all four ways are run, in turn: `slots` trainings side by side with
one thread each, the same one after another with as many threads as there are slots, and with one, and side by side
with as many threads each as there are slots, which the grader does not do (grader/checking/slots.py). On a GPU, where
threads count for nothing, only the ways with one are run. The ratio of two ways is that of their times in the same
repeat; printed are the medians with the lowest and the highest of n.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from training import COURSE, PARTS, solution

from grader.data.loaders import load
from grader.sandbox.device import settle

WAYS = (  # their names, whether side by side, and whether with all threads
    ("side by side, 1 thread each", True, False),
    ("one after another, all threads", False, True),
    ("one after another, 1 thread", False, False),
    ("side by side, all threads each", True, True),
)


def train(line: Connection, part: str, threads: int, data: Path | None, device: str, rows: int | None) -> None:
    """A process's life: make ready, say so, and train at every seed that comes; None ends it."""
    torch.set_num_threads(threads)
    settle(device, 8192)
    asked = PARTS[part]
    question = solution(asked.question)
    found = load(asked.data, datasets=COURSE / "datasets", data_dir=data, profile="quick")
    most = rows or asked.quick_rows
    X, y = asked.rows(tuple(torch.from_numpy(half[:most]).to(device) for half in found.train))
    asked.train(question, asked.build(question).to(device), (X[:128], y[:128]), 0)
    line.send(len(y))
    while (seed := line.recv()) is not None:
        torch.manual_seed(seed)
        started = time.perf_counter()
        asked.train(question, asked.build(question).to(device), (X, y), seed)
        if device != "cpu":
            torch.accelerator.synchronize()
        line.send(time.perf_counter() - started)


class Crew:
    """Processes that train the same part, each with `threads` threads, ready before the first is asked."""

    def __init__(self, size: int, threads: int, given: argparse.Namespace, part: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.lines: list[Connection] = []
        for _ in range(size):
            here, there = context.Pipe()
            arguments = (there, part, threads, given.data, given.device, given.rows)
            context.Process(target=train, args=arguments, daemon=True).start()
            self.lines.append(here)
        self.rows = max(line.recv() for line in self.lines)

    def side_by_side(self, seeds: Sequence[int]) -> float:
        """Seconds until all are done, each by a process of its own."""
        started = time.perf_counter()
        for line, seed in zip(self.lines, seeds, strict=True):
            line.send(seed)
        for line in self.lines:
            line.recv()
        return time.perf_counter() - started

    def one_after_another(self, seeds: Sequence[int]) -> float:
        """Seconds until all are done, by the first process alone."""
        started = time.perf_counter()
        for seed in seeds:
            self.lines[0].send(seed)
            self.lines[0].recv()
        return time.perf_counter() - started

    def end(self) -> None:
        for line in self.lines:
            line.send(None)


def measured(part: str, given: argparse.Namespace) -> None:
    """Print the ways' times of a part, and how often the first is as fast as the others."""
    ways = [way for way in WAYS if given.device == "cpu" or not way[2]]
    crews = {wide: Crew(given.slots, given.slots if wide else 1, given, part) for wide in {way[2] for way in ways}}
    times: list[list[float]] = []
    for repeat in range(given.n):
        seeds = range(given.slots * repeat, given.slots * (repeat + 1))
        run = [crews[wide].side_by_side if beside else crews[wide].one_after_another for _, beside, wide in ways]
        times.append([train_all(seeds) for train_all in run])
        print(f"  repeat {repeat + 1}: {', '.join(f'{seconds:.2f} s' for seconds in times[-1])}", flush=True)
    for crew in crews.values():
        crew.end()
    where = given.device if given.device == "cpu" else torch.cuda.get_device_name()
    print(f"{part}, {crews[False].rows} rows, {given.slots} trainings, n = {given.n}, {where}")
    for (name, _, _), seconds in zip(ways, zip(*times, strict=True), strict=True):
        print(f"  {name:<32}{_spread(seconds)} s")
    for place, (name, _, _) in enumerate(ways[1:], 1):
        print(f"  ratio to {name:<32}{_spread([one[place] / one[0] for one in times])}")


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("parts", nargs="*", metavar="PART", help="as benchmarks/training.py names them")
    asked.add_argument("--n", type=int, default=5, help="repeats of all ways")
    asked.add_argument("--slots", type=int, default=2, help="trainings side by side; on a CPU, its cores")
    asked.add_argument("--data", type=Path, help="the folder with the real data sets")
    asked.add_argument("--device", default="cpu")
    asked.add_argument("--rows", type=int, help="the first so many training rows; default: those of the quick profile")
    given = asked.parse_args()
    for part in given.parts or ("hw3.q3g alpha 0", "hw4.q3d as they are"):
        measured(part, given)


if __name__ == "__main__":
    main()
