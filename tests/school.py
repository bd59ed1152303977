"""A class's whole way through nbgrader by the real programs: who does what, in which order, and what is seen of it.

Two instructors and five students share an exchange. One hands in late, one twice, one without the notebook, one in the
notebook alone; a check turns out wrong and is mended, and two are added when everybody has handed in.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from grader.course import Course, find_course
from grader.exchange import TWO_LINES, home
from grader.report_card import essay_cells
from tests.commandline import typed
from tests.sample_course import ROOT, copied, lay, python, solved, stubs

CLASS = ("ada", "bob", "cyd", "dan", "eve")
NUMBERS = {student: 1001 + place for place, student in enumerate(CLASS)}  # the learning platform's
LOUD = """\
import sys


def half(x):
    print("epoch 1", file=sys.stderr)
    return np.asarray(x, "float32") / np.float32(2)
"""
# Of the 2 s that an nbgrader program needs to start, 1.3 go into a grammar that jsonschema loads and never asks
START = 'import sys\n\nsys.modules["rfc3987_syntax"] = None\n'
BY_ROWS = "def centred(X):\n    return X - np.mean(X, axis=1, keepdims=True)\n"
SUM = "def mean(x):\n    return np.sum(x)\n"
ADDED = "def table():\n    return [[a + b for b in GIVEN['b']] for a in GIVEN['a']]\n"
TAGGED = {  # eve's cells, by their tags
    "q1_rows": "import numpy as np\n\ndef mean(x):\n    return float(np.mean(x))\n\n"
    "def half(x):\n    return (np.asarray(x) // 2).astype('float32')",
    "q2_table": "def table():\n    return [[a * b for b in (4, 5, 9)] for a in (2, 3)]\n\nprint(table())",
}
LATE = '''"""A point a day begun."""

from math import ceil

from nbgrader.plugins import BasePlugin


class PointADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return ceil(total_seconds_late / 86400)
'''
MORE_CHECKS = '''

@points(1.5, part="q1d")
def test_one_row(submission, draw):
    """One row alone becomes zeros."""
    assert submission.centred(draw("row").normal(2.0, size=(1, 4))) == close([[0.0] * 4])


@points(0.5, part="q1a")
def test_one_number(submission, draw):
    """The mean of one number is that number."""
    number = draw("number").normal(size=1)

    assert submission.mean(number) == close(number[0])
'''


@dataclass(frozen=True)
class Row:
    """A part of a student in nbgrader's gradebook."""

    auto: float | None
    manual: float | None
    extra: float
    waits: bool


@dataclass(frozen=True)
class Book:
    """The gradebook at one moment: rows by student and part, penalties, and nbgrader's own (score, most)."""

    rows: dict[str, dict[str, Row]]
    penalties: dict[str, float]
    totals: dict[str, tuple[float, float]]


@dataclass
class School:
    """The course's folder, its exchange, and a desk for each student; what has been seen on the way."""

    folder: Path
    books: dict[str, Book] = field(default_factory=dict)
    cards: dict[str, dict[str, bytes]] = field(default_factory=dict)
    changes: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    @property
    def course(self) -> Course:
        return find_course(self.folder / "course")

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    @property
    def results(self) -> Path:
        return self.course.root / "results" / "hw1"

    def desk(self, student: str) -> Path:
        return self.folder / student

    def grader(self, *words: str) -> str:
        """What one of our programs says to an instructor."""
        ended = typed(*words, folder=self.course.root)
        assert ended.exit_code == 0, ended.output
        return ended.output

    def nbgrader(self, *words: str, at: Path | None = None, **environment: str) -> None:
        """One of nbgrader's programs, started by an instructor, or at another's desk."""
        path = os.pathsep.join([str(self.folder / "start"), str(ROOT)])
        ended = python("-m", "nbgrader", *words, cwd=at or self.course.root, PYTHONPATH=path, **environment)
        assert ended.returncode == 0, ended.stderr

    def student(self, student: str, *words: str) -> None:
        """One of nbgrader's programs, started by a student."""
        desk = self.desk(student)
        whose = {"HOME": str(desk), "JUPYTER_DATA_DIR": str(desk / ".jupyter")}
        self.nbgrader(*words, f"--student={student}", at=desk, **whose)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        with Gradebook(f"sqlite:///{home(self.course) / 'gradebook.db'}", "sample") as book:
            yield book

    def look(self, moment: str) -> None:
        """Keep the gradebook, the graded report cards and the changes as they are now."""
        with self.gradebook() as book:
            handed_in = {there.student.id: there for there in book.find_assignment("hw1").submissions}
            rows = {
                student: {
                    g.name: Row(g.auto_score, g.manual_score, g.extra_credit or 0, g.needs_manual_grade)
                    for g in there.notebooks[0].grades
                }
                for student, there in handed_in.items()
            }
            penalties = {student: there.late_submission_penalty for student, there in handed_in.items()}
            totals = {student: (there.score, there.max_score) for student, there in handed_in.items()}
        self.books[moment] = Book(rows, penalties, totals)
        cards = {student: home(self.course) / "autograded" / student / "hw1" / "hw1.ipynb" for student in CLASS}
        self.cards[moment] = {student: path.read_bytes() for student, path in cards.items()}
        self.changes[moment] = table(self.results / "changes.csv")

    def sheet(self, student: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.results / f"{student}.json").read_text(encoding="utf-8"))
        return found


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def in_notebook(desk: Path, *, essay: str, cells: dict[str, str] | None = None) -> None:
    """Fill the report card as Jupyter would: the essay's cell, and cells of one's own with a tag."""
    path = desk / "hw1" / "hw1.ipynb"
    card = json.loads(path.read_text(encoding="utf-8"))
    ((_, cell),) = essay_cells(card)
    cell["source"] = essay
    card["cells"] += [
        {"cell_type": "code", "id": f"own-{tag}", "metadata": {"tags": [tag]}, "source": source, "outputs": [],
         "execution_count": None}
        for tag, source in (cells or {}).items()
    ]  # fmt: skip
    path.write_text(json.dumps(card), encoding="utf-8")


def opened_school(folder: Path) -> School:
    """A course with a late plugin and one check that is wrong, and desks that know the exchange."""
    school = School(folder)
    root = copied(folder / "course")
    school.exchange.mkdir()
    school.exchange.chmod(0o777)
    place = f'c.Exchange.root = "{school.exchange}"\n'
    plugin = 'c.AssignLatePenalties.plugin_class = "late.PointADay"\n'
    lay(root, {"nbgrader_config.py": f"{TWO_LINES}\n{place}{plugin}".encode(), "late.py": LATE.encode()})
    rewrite(root / "solutions" / "hw1" / "test_q1_rows.py", "value / 2", "value // 2")
    lay(folder / "start", {"sitecustomize.py": START.encode()})
    for student in CLASS:
        config = f'c = get_config()\nc.CourseDirectory.course_id = "sample"\n{place}'
        lay(school.desk(student), {"nbgrader_config.py": config.encode()})
    return school


def ada(school: School) -> None:
    """All of it in the modules, with talk on stderr; the essay in the notebook."""
    school.student("ada", "fetch_assignment", "hw1")
    lay(school.desk("ada") / "hw1", solved(q1=LOUD))
    in_notebook(school.desk("ada"), essay="An outer product, so its rank is one.")
    school.student("ada", "submit", "hw1")


def cyd(school: School) -> None:
    """The stubs first, then an answer."""
    school.student("cyd", "fetch_assignment", "hw1")
    lay(school.desk("cyd") / "hw1", stubs())
    school.student("cyd", "submit", "hw1")
    lay(school.desk("cyd") / "hw1", solved(q1=SUM))
    in_notebook(school.desk("cyd"), essay="Each row is the first times a number.")
    school.student("cyd", "submit", "hw1")


def dan(school: School) -> None:
    """Modules and essays.md; the notebook is thrown away."""
    school.student("dan", "fetch_assignment", "hw1")
    work = school.desk("dan") / "hw1"
    lay(work, solved(q2=ADDED))
    rewrite(work / "essays.md", "\nAnswer:", "\nAnswer: Rank one.")
    (work / "hw1.ipynb").unlink()
    school.student("dan", "submit", "hw1")


def eve(school: School) -> None:
    """The notebook alone: the modules stay stubs."""
    school.student("eve", "fetch_assignment", "hw1")
    in_notebook(school.desk("eve"), essay="An outer product; the rank is one.", cells=TAGGED)
    school.student("eve", "submit", "hw1")


def bob(school: School) -> None:
    """After the due date, without an essay."""
    lay(school.desk("bob") / "hw1", solved(q1=BY_ROWS))
    school.student("bob", "submit", "hw1")


def the_due_date_is_now(school: School) -> None:
    """As formgrader enters it, with the list of students."""
    with school.gradebook() as book:
        book.update_or_create_assignment("hw1", duedate=datetime.now(UTC).replace(tzinfo=None))
        for student, number in NUMBERS.items():
            names = {"first_name": student.title(), "last_name": "Doe", "email": f"{student}@example.org"}
            book.update_or_create_student(student, **names, lms_user_id=str(number))


def mark_by_hand(school: School) -> None:
    """As formgrader does: two essays, a kind mark for a check under suspicion, and extra credit."""
    with school.gradebook() as book:
        for (student, part), points in {("ada", "q2e"): 2.0, ("eve", "q2e"): 2.5, ("dan", "q1c"): 0.75}.items():
            cell = book.find_grade(part, "hw1", "hw1", student)
            cell.manual_score, cell.needs_manual_grade = points, False
        book.find_grade("q1a", "hw1", "hw1", "ada").extra_credit = 0.5
        book.db.commit()


def mark_on_the_sheet(school: School) -> None:
    """As the marking sheet saves it."""
    school.grader("essays", "hw1")
    rows = ["hw1,q2e,cyd,1.5,2,The rank is well said.,Ann", "hw1,q2e,dan,1,1,,Ann"]
    head = "assignment,part,student,points,lines,comment,marker"
    (school.course.root / "ann.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    school.told["read"] = school.grader("essays", "hw1", "--read", "ann.csv")


def grade(school: School) -> str:
    return school.grader("run", "hw1", "--i-trust-these-submissions")


def whole_story(folder: Path) -> School:
    """All of it; programs of different people run side by side."""
    school = opened_school(folder)
    tests = school.course.root / "solutions" / "hw1" / "test_q1_rows.py"
    with ThreadPoolExecutor(2) as people:
        school.grader("release", "hw1")
        school.nbgrader("release_assignment", "hw1")
        at_work = [people.submit(work, school) for work in (cyd, ada, dan, eve)]
        at_work.append(people.submit(school.student, "bob", "fetch_assignment", "hw1"))
        for each in at_work:
            each.result()
        the_due_date_is_now(school)
        bob(school)

        school.told["collect"] = school.grader("collect", "hw1")
        grade(school)
        school.told["record"] = school.grader("record", "hw1")
        school.look("recorded")
        mark_by_hand(school)
        mark_on_the_sheet(school)
        school.look("marked")

        rewrite(tests, "value // 2", "value / 2")
        school.told["mended"] = grade(school)
        school.nbgrader("autograde", "hw1", "--force")
        school.look("mended")
        school.grader("record", "hw1")
        school.look("mended and recorded")

        tests.write_text(tests.read_text(encoding="utf-8") + MORE_CHECKS, encoding="utf-8")
        new = 'parts."q1d" = { en = "One row", fa = "یک سطر" }\n\n[question.q2_table]'
        rewrite(tests.with_name("assignment.toml"), "[question.q2_table]", new)
        school.told["added"] = grade(school)
        school.told["record at last"] = school.grader("record", "hw1")
        school.look("added")

        exported = people.submit(school.nbgrader, "export")
        for system in ("csv", "moodle", "canvas", "gradescope"):
            school.grader("export", "hw1", system)
        school.nbgrader("generate_feedback", "hw1")
        school.nbgrader("release_feedback", "hw1")
        for each in [people.submit(school.student, student, "fetch_feedback", "hw1") for student in CLASS]:
            each.result()
        exported.result()
    return school
