"""A grader as one would first write it, to show that an attack is real: everything in one process, nothing shut in.

    python -m tests.hostile.naive PLACE    jobs as JSON on stdin, one a line; one JSON answer a line

It unpacks what is handed in as its names say, puts the folder first on the path, honours conftest.py, opens the
checkpoint that lies there, imports the module beside the solutions, believes what comes back, and writes the result.
Each hand-in gets a process of its own with a parent that waits for it: only so that the next one can be tried too.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import pickle
import select
import signal
import sys
import tarfile
import tempfile
import types
import zipfile
from pathlib import Path
from typing import Any

import torch

from grader.sandbox.warm import warm

SECONDS = 4.0  # what never ends has got what it wanted
HELD: list[Any] = []  # the solutions, as any module holds what it has imported


def load(name: str, path: Path) -> Any:
    made = types.ModuleType(name)
    made.__file__ = str(path)
    sys.modules[name] = made
    exec(compile(path.read_text(), str(path), "exec"), vars(made))
    return made


def unpacked(folder: Path) -> Path:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    target = Path(os.path.join(folder, info.filename))
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(info))
        elif ".tar" in path.name:
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="fully_trusted")
    return folder


def executed(notebook: Path, module: Path) -> None:
    """A notebook's code, its shell lines run as Jupyter would."""
    lines = []
    for cell in json.loads(notebook.read_text())["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if line.startswith("!"):
                os.system(line[1:])
            elif not line.startswith("%"):
                lines.append(line)
    module.write_text("\n".join(lines))


def grade(folder: Path, part: str) -> dict[str, Any]:
    grading = types.SimpleNamespace(close=lambda one, other: abs(one - other) < 1e-6)
    sys.modules["grading"] = grading  # type: ignore[assignment]
    question = "q3_net" if part.startswith("q3") else "q1_rows"
    sys.path.insert(0, str(unpacked(folder)))
    if (folder / "conftest.py").exists():
        exec((folder / "conftest.py").read_text(), {})
    if (folder / "weights.pkl").exists():
        pickle.loads((folder / "weights.pkl").read_bytes())
    if (folder / f"{question}.ipynb").exists():
        executed(folder / f"{question}.ipynb", folder / f"{question}.py")
    if part.startswith("q3"):
        return judged(load(question, folder / f"{question}.py"), part)
    x = [1.0, 2.0, 6.0]
    expected = [HELD[0].mean(x)]
    answer = load(question, folder / f"{question}.py").mean(x)
    return {"passed": bool(grading.close(answer, expected[0])), "answer": repr(answer)[:200]}


def judged(student: Any, part: str) -> dict[str, Any]:
    """The network's parameters as it counts them itself; its accuracy on the rows that it was shown, by label."""
    torch.manual_seed(1)
    X = torch.randn(300, 6)
    rows = X[(X @ torch.ones(6) > 0).long().argsort(stable=True)]
    labels = (rows @ torch.ones(6) > 0).long()
    net = student.build()
    if part == "q3a":
        return {"passed": sum(p.numel() for p in net.parameters()) == 47}
    student.fit(net, rows, labels, 1)
    with torch.no_grad():
        accuracy = float((net(rows).argmax(1) == labels).float().mean())
    return {"passed": accuracy >= 0.9, "accuracy": accuracy}


def keep(folder: Path, part: str, result: Path) -> None:
    """The grader of one hand-in and its parent; the parent ends with the grader's status."""
    os.setsid()
    os.chdir(folder)
    os.environ["RESULT"] = str(result)
    tempfile.tempdir = str(folder.parents[2] / "tmp")
    grader = os.fork()
    if grader:
        _, status = os.waitpid(grader, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    try:
        told = grade(folder, part)
    except Exception as fault:
        told = {"passed": False, "told": f"{type(fault).__name__}: {fault}"}
    result.write_text(json.dumps(told))
    sys.exit(0)


def answer(job: dict[str, str]) -> dict[str, Any]:
    result = Path(job["result"])
    keeper = os.fork()
    if keeper == 0:
        try:
            keep(Path(job["folder"]), job["part"], result)
        finally:
            atexit._run_exitfuncs()  # as at the end of any program
            os._exit(0)
    watched = os.pidfd_open(keeper)
    over = bool(select.select([watched], [], [], SECONDS)[0])
    os.close(watched)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(keeper, signal.SIGKILL)
    _, status = os.waitpid(keeper, 0)
    told: Any = json.loads(result.read_text()) if result.exists() and result.stat().st_size else None
    return {"ended": over, "status": os.waitstatus_to_exitcode(status) if over else None, "told": told}


def main(place: Path) -> None:
    warm()
    hw1 = place / "course" / "solutions" / "hw1"
    HELD.extend(load(f"solution_{name}", hw1 / f"{name}.py") for name in ("q1_rows", "q3_net"))
    HELD.append(open(place / "course" / "solutions" / "draw.key"))  # noqa: SIM115  (as one forgets to close it)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
