"""Folders of hand-ins, laid for tests of what is collected from them, and what that was."""

from __future__ import annotations

import os
from pathlib import Path

from grader.collect import collect
from grader.course import Assignment


def lay(folder: Path, *names: str) -> None:
    """Empty files, and empty folders where a name ends with a slash."""
    for name in names:
        if name.endswith("/"):
            (folder / name).mkdir(parents=True)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()


def collected(path: Path, assignment: Assignment) -> tuple[dict[str, str], list[str]]:
    """Student -> hand-in's path relative to `path`, and the problems' English."""
    hand_ins, problems = collect(path, assignment)
    assert all(problem.fa for problem in problems)
    return {h.student: os.path.relpath(h.path, path) for h in hand_ins}, [problem.en for problem in problems]
