"""Gradescope: results.json of each student, and an autograder that makes one for every upload.

Docs: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from grader.archives import zipped
from grader.course import Assignment, Course
from grader.errors import GraderError
from grader.export.row import Row, rows_of
from grader.labels import part_label
from grader.marks import Json, refuse_practice
from grader.marksheets import read_result
from grader.pages.text import visible
from grader.store import as_bytes

WAITS = {"manual": "Waits for a person.", "ungraded": "Not judged yet; this is not your fault."}
LITTER = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the image is built: Python with what the grader needs, torch for the CPU.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3 python3-pip python3-venv libseccomp2
python3 -m venv /opt/uv
/opt/uv/bin/pip install uv
/opt/uv/bin/uv venv --python 3.12 /opt/grader
/opt/uv/bin/uv pip install --python /opt/grader/bin/python --index-strategy unsafe-best-match \\
  --extra-index-url https://download.pytorch.org/whl/cpu -r /autograder/source/requirements.txt
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for every upload. What is printed is the instructor's; results.json is the student's.
root="${{AUTOGRADER:-/autograder}}"
python="${{GRADER_PYTHON:-/opt/grader/bin/python}}"
export PYTHONPATH="$root/source"
rm -rf "$root/class" "$root/graded"
mkdir -p "$root/class" "$root/results"
cp -R "$root/submission" "$root/class/submission"
"$python" -m grader run {hw} --profile {profile} --course "$root/source/course" \\
  --submissions "$root/class" --out "$root/graded"
"$python" -m grader.export.gradescope "$root/graded/{hw}" "$root/results/results.json" {practice}
"""


def files(rows: Sequence[Row], course: Course, assignment: Assignment, *, practice: bool) -> dict[str, bytes]:
    """`<student>.json` of each, and autograder.zip, which holds solutions and checks: it is for Gradescope alone."""
    made = {f"{row.who.id}.json": as_bytes(results(row)) for row in rows}
    return {**made, "autograder.zip": autograder(course, assignment, practice=practice)}


def results(row: Row) -> dict[str, Any]:
    """One student's results.json: the score, and a test for each check with what its student may read."""
    tests = [test for question in row.sheet["questions"] for test in _tests(question, row)]
    whole: dict[str, Any] = {
        "score": round(float(row.standing.score), 2),
        "output_format": "text",
        "output": _said(row),
        "visibility": "visible",
        "tests": tests,
        "extra_data": {"manifest": row.sheet["manifest"]},
    }
    if "seconds" in row.run:
        whole["execution_time"] = row.run["seconds"]
    return whole


def _said(row: Row) -> str:
    lines = [f"{row.score} of {row.most} points."]
    if row.marks.penalty:
        lines.append(f"{round(float(row.marks.penalty), 2):g} points are taken off for being late.")
    if row.standing.waiting:
        lines.append(f"Still to be judged: {', '.join(map(part_label, row.standing.waiting))}.")
    notes = [visible(note["en"]) for note in row.run.get("notes", [])]
    return "\n".join([*lines, *notes])


def _tests(question: Json, row: Row) -> Iterator[dict[str, Any]]:
    """The checks of a question; a part that a person marked is one test with that mark."""
    marked: set[str] = set()
    for check in question["checks"]:
        part, mark = check["part"], row.marks.parts.get(check["part"])
        name = f"{part_label(part)}{' (bonus)' if check['bonus'] else ''}: {visible(check['says']['en'])}"
        test: dict[str, Any] = {"name": name, "number": part, "output_format": "text", "visibility": "visible"}
        if mark is not None and mark.points is not None:
            if part not in marked:
                marked.add(part)
                worth = sum(c["points"] for c in question["checks"] if c["part"] == part)
                score = float(mark.points + mark.extra)
                yield {**test, "score": score, "max_score": worth, "output": visible(mark.comment)}
        elif check["earned"] is None:
            yield {**test, "output": WAITS.get(check["outcome"], "")}
        else:
            status = "passed" if check["outcome"] == "passed" else "failed"
            told = visible(check["message"]["en"])
            yield {**test, "score": check["earned"], "max_score": check["points"], "status": status, "output": told}


def autograder(course: Course, assignment: Assignment, *, practice: bool) -> bytes:
    """The specification's zip: setup.sh and run_autograder at the top, beside them the grader and one assignment."""
    run = RUN.format(
        hw=assignment.id,
        profile="quick" if practice or not assignment.data else "full",
        practice="--practice" if practice else "",
    )
    scripts = {"setup.sh": SETUP.encode(), "run_autograder": run.encode()}
    engine = {"requirements.txt": _requirements().encode(), **dict(_package())}
    return zipped({**scripts, **engine, **dict(_content(course, assignment))}, executable=scripts)


def _requirements() -> str:
    """What the grader declares, in the versions that it runs with here; nbgrader's place is taken by Gradescope."""
    lines = []
    try:
        declarations = requires("dlgrader") or []
    except PackageNotFoundError as fault:
        raise GraderError(
            "The autograder lists what grader needs, and grader is not installed: pip install it."
        ) from fault
    for line in declarations:
        declared, _, marker = line.partition(";")
        name = re.split(r"[^\w.-]", declared, maxsplit=1)[0]
        if ("extra" not in marker or "instructor" in marker) and name != "nbgrader":
            lines.append(f"{name}=={version(name).partition('+')[0]}")  # +cpu is an index's own label
    return "\n".join(sorted(lines)) + "\n"


def _package() -> Iterator[tuple[str, bytes]]:
    root = Path(str(resources("grader")))
    yield from ((f"grader/{name}", content) for name, content in _below(root))


def _content(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """One assignment of the course, as a course of its own."""
    whole = (course.root / "course.toml").read_text(encoding="utf-8")
    alone = re.sub(r"(?m)^assignments\s*=\s*\[[^]]*\]", f'assignments = ["{assignment.id}"]', whole)
    yield "course/course.toml", alone.encode()
    for folder in (course.solutions / assignment.id, course.exercises / assignment.id, course.datasets):
        yield from ((f"course/{folder.relative_to(course.root)}/{name}", data) for name, data in _below(folder))
    for path in (course.solutions / "draw.key", course.solutions / "variants.toml"):
        if path.is_file():
            yield f"course/solutions/{path.name}", path.read_bytes()


def _below(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not LITTER & set(path.parts) and path.suffix != ".pyc":
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def main(folder: Path, target: Path, *, practice: bool) -> None:
    """Write `target` from the one marksheet in `folder`; without one, say so to the student and give no score."""
    try:
        graded = [read_result(folder / "submission.json")]
        refuse_practice(graded, allowed=practice)
        told = results(rows_of(graded, {}, {})[0])
    except GraderError as fault:
        print(fault)
        told = {"output": "This hand-in could not be graded here. Your instructor can see why.", "tests": []}
    target.write_bytes(as_bytes(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), practice="--practice" in sys.argv[3:])
