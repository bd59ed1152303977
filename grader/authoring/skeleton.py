"""`grader new` and `grader new-course`: a question that works from its first minute, and a course of one's own."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from grader.authoring.sync import sync
from grader.course import Course, find_course
from grader.errors import CourseError
from grader.records import Text
from grader.store import write_atomically

NAME = re.compile(r"(?P<set>[a-z][a-z0-9_-]*)/(?P<question>(?P<number>q\d+)_[a-z][a-z0-9_]*)")

QUESTION = '''"""{title}

Why it matters: two sentences for somebody who has not met it yet.

The formula, with shapes: the mean of x, an array of shape (n,), is m = (x_1 + ... + x_n) / n.

Example: the mean of 1, 2 and 6 is 3.

Return what each docstring asks for. One point of view earns the points: the value, for any n.

References: two of them.
"""

import numpy as np


def mean(x):
    """{part}a: the mean of x, a float.

    x: (n,) array of float64, n >= 1.

    >>> float(mean(np.array([1.0, 2.0, 6.0])))
    3.0
    """
    # BEGIN SOLUTION
    return np.sum(x) / len(x)
    # END SOLUTION
'''
CHECKS = '''"""Hidden checks of {name}."""

import numpy as np

from grader import close, hint, points


@points(1, part="{part}a")
def test_mean(submission, draw):
    """The mean of any vector is right."""
    x = draw("x").normal(1.0, size=int(draw("size").integers(2, 20)))
    wrong = (0.5, lambda right: right * len(x), hint("sum", "This is the sum: divide it by how many there are."))

    assert submission.mean(x) == close(np.add.reduce(x) / x.size, mistakes=[wrong])
'''
PERSIAN = '''statement = """
متن سؤال به فارسی.
"""

[says]
test_mean = "میانگین هر بردار درست است."

[hints]
sum = "این مجموع است؛ آن را بر تعداد تقسیم کنید."
'''
MISTAKE = """# expects: {part}a -> "sum" 0.5
def mean(x):
    return np.sum(x)
"""
ENTRY = """
[question.{name}]
title = {title}

[question.{name}.parts]
"{part}a" = {mean}
"""


def new_question(course: Course, where: str) -> list[Path]:
    """Write a small, complete question `hw6/q1_name` and enter it in assignment.toml; the files written."""
    asked = NAME.fullmatch(where)
    if asked is None:
        raise CourseError(f"`grader new {where}`: a name such as hw6/q1_short_name was asked.")
    assignment, name, number = asked["set"], asked["question"], asked["number"]
    folder = course.solutions / assignment
    for path in folder.glob(f"{number}_*.py"):
        raise CourseError(f"{path} is there already, with the parts of {number}; choose another number.")
    title = name.removeprefix(f"{number}_").replace("_", " ").capitalize()
    words = {"name": name, "part": number, "title": title}
    files = {
        folder / f"{name}.py": QUESTION,
        folder / f"test_{name}.py": CHECKS,
        **({folder / f"{name}.fa.toml": PERSIAN} if course.title.fa else {}),
        folder / "mistakes" / name / "sum_for_mean.py": MISTAKE,
    }
    entry = ENTRY.format(name=name, part=number, title=_said(course, title), mean=_said(course, "The mean", "میانگین"))
    texts = {path: text.format(**words) for path, text in files.items()}
    _write_all(texts | _entered(course, assignment, name, entry))
    return list(files)


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write these files in their order or, where one cannot be written, none of them."""
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    try:
        for path, text in texts.items():
            write_atomically(path, text.encode())
    except OSError:
        for path, content in before.items():
            with contextlib.suppress(OSError):
                if content is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomically(path, content)
        raise


def _entered(course: Course, assignment: str, name: str, entry: str) -> dict[Path, str]:
    """The assignment's table with the question in it, and the course's if the assignment is new."""
    table = course.solutions / assignment / "assignment.toml"
    written = {}
    if table.exists():
        written[table] = f"{_listed(table, 'questions', name).rstrip()}\n{entry}"
    else:
        written[table] = f'title = {_said(course, assignment)}\nquestions = ["{name}"]\n{entry}'
    if assignment not in course.assignments:
        written[course.root / "course.toml"] = _listed(course.root / "course.toml", "assignments", assignment)
    return written


def _said(course: Course, en: str, fa: str = "") -> str:
    """A text in TOML, in the course's languages: in English alone where its own title is."""
    return f'{{ en = "{en}", fa = "{fa or en}" }}' if course.title.fa else f'{{ en = "{en}" }}'


def _listed(table: Path, key: str, name: str) -> str:
    """The file's text with `name` at the end of the list `key`."""
    text = table.read_text(encoding="utf-8")
    listed = re.search(rf"^{key}\s*=\s*\[(.*?)\]", text, re.DOTALL | re.MULTILINE)
    if listed is None:
        raise CourseError(f"{table} has no line `{key} = [...]` to enter {name} in.")
    inner = listed.group(1).rstrip().rstrip(",")
    return text[: listed.start(1)] + (f'{inner}, "{name}"' if inner else f'"{name}"') + text[listed.end(1) :]


def new_course(course: Course | None, target: Path, names: tuple[str, ...]) -> Course:
    """Copy assignments and data sets' cards into a private course of one's own: own key of draws, stubs made afresh.

    Without any assignment, it is named after its folder, in English alone until its title has a Persian half; then
    there need be no course to copy from.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CourseError(f"{target} is not an empty folder; `grader new-course` makes a new one.")
    own = target.resolve().name
    title, term = Text(own), f"{date.today():%Y}"
    if course is not None:
        _copied(course, target, names)
        title, term = course.title if names else title, course.term
    for folder in ("solutions", "datasets"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{name}"' for name in names)
    lines = [
        f"id = {_quoted(own)}",
        f"title.en = {_quoted(title.en)}",
        *([f"title.fa = {_quoted(title.fa)}"] if title.fa else []),
        f"term = {_quoted(term)}",
        f"assignments = [{listed}]",
    ]
    (target / "course.toml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (target / "solutions" / "draw.key").write_text(secrets.token_hex(32) + "\n", encoding="utf-8")
    (target / ".gitignore").write_text("/nbgrader/\n/results/\n/released/\n__pycache__/\n", encoding="utf-8")
    made = find_course(target)
    sync(made, names)
    return made


def _copied(course: Course, target: Path, names: tuple[str, ...]) -> None:
    """Copy these assignments, once it is known that each can be, and every data set's card."""
    for name in names:
        course.assignment(name)
        if names.count(name) > 1:
            raise CourseError(f"{name} was named twice; a course has each of its assignments once.")
    for name in names:
        shutil.copytree(
            course.solutions / name, target / "solutions" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    if course.datasets.is_dir():
        shutil.copytree(course.datasets, target / "datasets")


def _quoted(text: str) -> str:
    """A TOML string: JSON's quoting is TOML's."""
    return json.dumps(text, ensure_ascii=False)
