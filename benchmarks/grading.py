"""The same three questions, graded by us, by `nbgrader autograde` and by `otter run`, side by side in one session.

A sympy derivative, a convolution's backward pass, a parameter count (benchmarks/three), for correct hand-ins. Ours runs
with full isolation; the peers run student code in an ordinary kernel or process, as they always do. Two rows say what
the checks cost by themselves in one warm process: our hidden checks (bare.py), and the peers' tests, which check less.

    python benchmarks/grading.py --students 24 200 --peers 4 [--otter path/to/otter] [--memory] [--plot grading.png]

`--peers`: how many of the class the peers grade (they take seconds each). Wall seconds by a monotonic clock, CPU
seconds of all children by the system's own accounting, both a submission; medians of --rounds. `--memory`: one more
round of each, in which the memory of all its processes is sampled (PSS, so that shared pages count once).
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


def sampled(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> float:
    """The most MiB that a command and all below it have held together."""
    running = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0.0
    while running.poll() is None:
        most = max(most, sum(map(_held, _family(running.pid))))
        time.sleep(0.2)
    return most


def _family(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        found.append(one := todo.pop())
        try:
            todo += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


BARE = """
import sys, time, json
sources, tests, rounds = json.load(sys.stdin)
import sympy, numpy, torch, torch._dynamo
torch.set_num_threads(1)
def once():
    for name, source in sources.items():
        names = {"__name__": name}
        exec(compile(source, name, "exec"), names)
        exec(compile(tests[name], "test", "exec"), names)
once()
wall, cpu = time.monotonic(), time.process_time()
for _ in range(rounds):
    once()
print((time.monotonic() - wall) / rounds, (time.process_time() - cpu) / rounds)
"""


def bare(command: list[str], told: str = "") -> tuple[float, float]:
    """What a program says that its checks cost a submission: wall and CPU seconds."""
    done = subprocess.run([sys.executable, *command], input=told, capture_output=True, text=True, check=True)
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu


def solutions() -> dict[str, str]:
    return {name: (COURSE / "solutions" / "hw1" / f"{name}.py").read_text() for name in QUESTIONS}


def write_class(students: int, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    for number in range(students):
        folder = home / "submitted" / f"s{number:03}" / "hw1"
        folder.mkdir(parents=True)
        for name, text in solutions().items():
            (folder / f"{name}.py").write_text(text)


def our_command(workers: int, home: Path) -> list[str]:
    where = ["--course", str(COURSE), "--submissions", str(home / "submitted"), "--out", str(home / "out")]
    return [sys.executable, "-m", "grader", "run", "hw1", *where, "--workers", str(workers), "--device", "cpu"]


def ours(students: int, workers: int, home: Path) -> tuple[float, float]:
    """`grader run` on the class, from a cold start, with nothing known."""
    write_class(students, home)
    spent = timed(our_command(workers, home), home)
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


def nbgraders_course(students: int, home: Path) -> dict[str, str]:
    """A course folder with an assignment made and handed in; the environment of its programs."""
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
    return environment


def nbgrader(students: int, home: Path) -> tuple[float, float]:
    """`nbgrader autograde` on the class; making the assignment is not counted."""
    return timed(["nbgrader", "autograde", "ps1"], home, nbgraders_course(students, home))


def nbgrader_by_two(students: int, home: Path) -> tuple[float, float]:
    """Two `nbgrader autograde` at a time, each with half the class in a course of its own."""
    halves = [home / "first", home / "second"]
    environments = [nbgraders_course(students // 2, half) for half in halves]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    running = [
        subprocess.Popen(
            ["nbgrader", "autograde", "ps1"],
            cwd=half,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for half, environment in zip(halves, environments, strict=True)
    ]
    if any(process.wait() for process in running):
        raise SystemExit("nbgrader, two at a time: one of them failed")
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


def plotted(path: Path, rows: dict[str, tuple[float, float]]) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 0.5 * len(rows) + 1.2), layout="constrained")
    names = list(rows)[::-1]
    axes.barh(names, [rows[name][0] for name in names], height=0.7, label="wall")
    axes.barh(names, [rows[name][1] for name in names], height=0.3, label="CPU")
    axes.set(xscale="log", xlabel="seconds a submission of three questions", title="What grading costs")
    axes.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[24])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peers", type=int, default=4, help="how many of the class the peers grade; even")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--otter", default=shutil.which("otter"), help="the otter program, in an environment of its own"
    )
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--plot", type=Path)
    told = parser.parse_args()

    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "sympy", "numpy", "nbgrader"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    rows: dict[str, list[tuple[float, float]]] = {}

    def note(name: str, spent: tuple[float, float], number: int = 1) -> None:
        rows.setdefault(name, []).append((spent[0] / number, spent[1] / number))

    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for _ in range(told.rounds):  # in turn, so that a drifting machine drifts for all
            for students in told.students:
                note(f"grader run, {students} hand-ins", ours(students, told.workers, home / "ours"), students)
            note("nbgrader autograde", nbgrader(told.peers, home / "nbgrader"), told.peers)
            note("nbgrader, two at a time", nbgrader_by_two(told.peers, home / "two"), told.peers)
            if told.otter:
                note("otter run", otter(told.peers, home / "otter", told.otter), told.peers)
            note(
                "hidden checks, one warm process",
                bare([str(COURSE.with_name("bare.py")), str(COURSE / "solutions/hw1")]),
            )
            note("peers' tests, one warm process", bare(["-c", BARE], json.dumps([solutions(), TESTS, 50])))
        medians = {name: tuple(map(statistics.median, zip(*spent, strict=True))) for name, spent in rows.items()}
        print(f"a submission, median of {told.rounds} rounds; {told.workers} workers; the peers' class {told.peers}")
        best = medians[f"grader run, {told.students[-1]} hand-ins"]
        print(f"{'':32}{'wall s':>9}{'CPU s':>9}   x ours, the largest class")
        for name, (wall, cpu) in medians.items():
            print(f"{name:32}{wall:9.3f}{cpu:9.3f}   {wall / best[0]:6.2f} wall, {cpu / best[1]:6.2f} CPU")
        if told.memory:
            for students in told.students:
                write_class(students, home / "ours")
                most = sampled(our_command(told.workers, home / "ours"), home)
                print(f"memory, grader run, {students} hand-ins: {most:.0f} MiB")
            environment = nbgraders_course(told.peers, home / "nbgrader")
            most = sampled(["nbgrader", "autograde", "ps1"], home / "nbgrader", environment)
            print(f"memory, nbgrader autograde: {most:.0f} MiB")
    if told.plot:
        plotted(told.plot, medians)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
