"""The same three questions, graded by us, by `nbgrader autograde` and by `otter run`, side by side in one session.

A sympy derivative, a convolution's backward pass, a parameter count (benchmarks/three), for correct hand-ins. Ours runs
with full isolation; the peers run student code in an ordinary kernel or process, as they always do.

    python benchmarks/grading.py --students 24 --peers 4 [--otter path/to/otter]

`--peers`: how many of the class the peers grade (they take seconds each, one after another). Wall seconds by a
monotonic clock, CPU seconds of all children by the system's own accounting, both a submission; medians of --rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

COURSE = Path(__file__).parent / "three"
QUESTIONS = ("q1_derivative", "q2_backward", "q3_count")

# What the peers' notebooks check: the same facts as our hidden checks, written as their users write them.
TESTS = {
    "q1_derivative": """
import sympy
x = sympy.Symbol("x", real=True)
s = 1 / (1 + sympy.exp(-x))
assert sympy.simplify(swish_derivative() - (s + x * s * (1 - s))) == 0
""",
    "q2_backward": """
import numpy, torch
rng = numpy.random.default_rng(0)
for _ in range(5):
    X, F = rng.normal(size=(7, 6)), rng.normal(size=tuple(rng.integers(1, 5, size=2)))
    a, b = (torch.tensor(v, requires_grad=True) for v in (X, F))
    torch.nn.functional.conv2d(a[None, None], b[None, None]).mean().backward()
    dX, dF = conv_mean_backward(X, F)
    assert numpy.allclose(dX, a.grad.numpy()) and numpy.allclose(dF, b.grad.numpy())
""",
    "q3_count": """
import torch
net = build()
assert sum(p.numel() for p in net.parameters() if p.requires_grad) == 62006
assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
""",
}


def timed(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of one command and all its children; a command that fails is no measurement."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def solutions() -> dict[str, str]:
    return {name: (COURSE / "solutions" / "hw1" / f"{name}.py").read_text() for name in QUESTIONS}


def ours(students: int, workers: int, home: Path) -> tuple[float, float]:
    """`grader run` on the class, from a cold start."""
    shutil.rmtree(home, ignore_errors=True)
    for number in range(students):
        folder = home / "submitted" / f"s{number:03}" / "hw1"
        folder.mkdir(parents=True)
        for name, text in solutions().items():
            (folder / f"{name}.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "grader",
        "run",
        "hw1",
        "--course",
        str(COURSE),
        "--submissions",
        str(home / "submitted"),
    ]
    spent = timed([*command, "--out", str(home / "out"), "--workers", str(workers), "--device", "cpu"], home)
    sheets = [json.loads(path.read_text()) for path in (home / "out" / "hw1").glob("s???.json")]
    if len(sheets) != students or any(sheet["score"] != 7 for sheet in sheets):
        raise SystemExit("ours: not every hand-in got its 7 points")
    return spent


def notebook(grade_cells: bool) -> nbformat.NotebookNode:
    cells = []
    for name, text in solutions().items():
        told = {
            "nbgrader": {
                "grade": False,
                "grade_id": name,
                "locked": False,
                "schema_version": 3,
                "solution": True,
                "task": False,
            }
        }
        cells.append(new_code_cell(text, metadata=told if grade_cells else {}))
        if grade_cells:
            told = {
                "grade": True,
                "grade_id": f"test-{name}",
                "locked": True,
                "points": 2,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
            cells.append(new_code_cell(TESTS[name], metadata={"nbgrader": told}))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def nbgrader(students: int, home: Path) -> tuple[float, float]:
    """`nbgrader autograde` on the class; making the assignment is not counted."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "source" / "ps1").mkdir(parents=True)
    nbformat.write(notebook(True), home / "source" / "ps1" / "ps1.ipynb")
    (home / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'three'\nc.ExecutePreprocessor.timeout = 120\n"
    )
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    timed(["nbgrader", "generate_assignment", "ps1"], home, environment)
    for number in range(students):
        folder = home / "submitted" / f"s{number:03}" / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(notebook(True), folder / "ps1.ipynb")
    return timed(["nbgrader", "autograde", "ps1"], home, environment)


def otter(students: int, home: Path, program: str) -> tuple[float, float]:
    """`otter run` on each of the class; making the autograder is not counted."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "tests").mkdir(parents=True)
    for name, text in TESTS.items():
        suite = {
            "name": name,
            "points": 2,
            "suites": [{"type": "doctest", "cases": [{"code": _doctest(text), "hidden": True, "points": 2}]}],
        }
        (home / "tests" / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {suite!r}\n")
    (home / "otter_config.json").write_text("{}")
    book = notebook(False)
    book.cells = [new_code_cell("import otter\ngrader = otter.Notebook()"), *book.cells]
    book.cells += [new_code_cell(f'grader.check("{name}")') for name in QUESTIONS]
    nbformat.write(book, home / "hand_in.ipynb")
    environment = os.environ | {"PATH": f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}"}
    timed(
        [program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment", "-c", "otter_config.json"],
        home,
        environment,
    )
    wall = cpu = 0.0
    for _ in range(students):
        spent = timed([program, "run", "-a", "autograder.zip", "hand_in.ipynb"], home, environment)
        wall, cpu = wall + spent[0], cpu + spent[1]
    results = json.loads((home / "results.json").read_text())
    if sum(float(test.get("score", 0)) for test in results["tests"]) < 6:
        raise SystemExit(f"otter: not every question got its points: {results['tests']}")
    return wall, cpu


def _doctest(text: str) -> str:
    """Source as a doctest's lines: statements with their bodies, nothing printed."""
    lines = []
    for line in text.strip().splitlines():
        lines.append(("... " if line.startswith((" ", "\t")) else ">>> ") + line)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=24)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peers", type=int, default=4, help="how many of the class the peers grade")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--otter", default=shutil.which("otter"), help="the otter program, in an environment of its own"
    )
    told = parser.parse_args()

    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "sympy", "numpy", "nbgrader"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    rows: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for _ in range(told.rounds):  # in turn, so that a drifting machine drifts for all
            for name, spent, number in (
                (
                    f"grader run, {told.workers} workers",
                    ours(told.students, told.workers, home / "ours"),
                    told.students,
                ),
                ("nbgrader autograde", nbgrader(told.peers, home / "nbgrader"), told.peers),
                *([("otter run", otter(told.peers, home / "otter", told.otter), told.peers)] if told.otter else []),
            ):
                rows.setdefault(name, []).append((spent[0] / number, spent[1] / number))
    best = [statistics.median(column) for column in zip(*next(iter(rows.values())), strict=True)]
    print(f"a submission, median of {told.rounds} rounds; our class {told.students}, the peers' {told.peers}")
    print(f"{'':28}{'wall s':>9}{'CPU s':>9}")
    for name, spent in rows.items():
        wall, cpu = (statistics.median(column) for column in zip(*spent, strict=True))
        print(f"{name:28}{wall:9.3f}{cpu:9.3f}   {wall / best[0]:6.1f} x wall, {cpu / best[1]:6.1f} x CPU")


if __name__ == "__main__":
    main()
