"""The sample course of tests/samples: a copy to change, and hand-ins made from its solutions and stubs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.authoring.stub import stub_of
from grader.course import Assignment, Course, find_course

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "samples" / "course"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # for subprocesses that run elsewhere


def copied(folder: Path) -> Path:
    """A copy of the sample course at `folder`."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def copied_with(folder: Path, question: str, module: str, checks: str, entry: str) -> Path:
    """A copy of the sample course at `folder` with one more question; `entry` is its part of assignment.toml."""
    home = copied(folder) / "solutions" / "hw1"
    (home / f"{question}.py").write_text(module, encoding="utf-8")
    (home / f"test_{question}.py").write_text(checks, encoding="utf-8")
    table = (home / "assignment.toml").read_text(encoding="utf-8").replace('"q2_table"]', f'"q2_table", "{question}"]')
    (home / "assignment.toml").write_text(table + entry, encoding="utf-8")
    return folder


def copied_checking(folder: Path, checks: str) -> Path:
    """A copy of the sample course at `folder` whose first question has these checks after its own."""
    with (copied(folder) / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
        file.write(checks)
    return folder


def sample() -> tuple[Course, Assignment]:
    course = find_course(SAMPLE)
    return course, course.assignment("hw1")


def solved(**added: str) -> dict[str, bytes]:
    """The solutions as a hand-in; `added` definitions by question (`q1="def mean(x): ..."`) come after them."""
    _, assignment = sample()
    return {f"{q.id}.py": _with(q.source.read_text(encoding="utf-8"), added, q.id) for q in assignment.questions}


def stubs(**added: str) -> dict[str, bytes]:
    """The stubs as a hand-in."""
    _, assignment = sample()
    return {f"{q.id}.py": _with(stub_of(q.source), added, q.id) for q in assignment.questions}


def _with(module: str, added: dict[str, str], question: str) -> bytes:
    return "\n\n".join([module, *(text for name, text in added.items() if question.startswith(name))]).encode()


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a hand-in's files into `folder`."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def python(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with these words and no terminal; its status and what it said."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
