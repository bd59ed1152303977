"""`grader release`: what students receive for an assignment, by an allow-list, as a folder and as a zip.

Nothing is copied that is not named here: stubs, pages and essays from exercises/, the report card, the engine's wheel,
the cards of the data sets, the rows to train on of those that lie beside their cards, and for a question that takes
weights the notebook that trains it.
With a roster each student gets a variant of the hand calculations, recorded in solutions/ and never changed again.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.archives import zipped
from grader.authoring import sync
from grader.authoring.part_points import part_points
from grader.authoring.training_notebook import FOLDER, training_notebook
from grader.authoring.wheel import DISTRIBUTION, wheel, wheel_name
from grader.checking.given import given_node, given_of, variants_of
from grader.course import Assignment, Course
from grader.data.arrays import without_unseen
from grader.data.cards import Card, card
from grader.data.loaders import load
from grader.errors import CourseError, GraderError
from grader.phrases import phrase
from grader.records import Text
from grader.report_card import as_text, report_card
from grader.roster import Student
from grader.store import write_atomically

START, START_FA = (Path(__file__).with_name(name) for name in ("start.md", "start.fa.md"))
PAGES = ("README.md", "README.fa.md", "essays.md")
SETTINGS = {  # VS Code's test panel runs the examples of the docstrings
    "python.testing.pytestEnabled": True,
    "python.testing.unittestEnabled": False,
    "python.testing.pytestArgs": ["--doctest-modules", "."],
    "files.encoding": "utf8",
}
EXTENSIONS = {"recommendations": ["ms-python.python", "ms-toolsai.jupyter"]}
REQUIREMENTS = """\
# python -m pip install -r requirements.txt
# With them `grader check` works; the modules' examples need no more than what a module imports.
./{wheel}
pytest
jupyterlab
"""
VARIANTS = "# The variant of the hand calculations that each student was given at release: never change a line.\n"


@dataclass(frozen=True)
class Bundle:
    """What one kind of student receives: files by relative name."""

    assignment: str
    files: Mapping[str, bytes]

    def zipped(self) -> bytes:
        """The files as a zip, in a folder that is named after the assignment."""
        return zipped({f"{self.assignment}/{name}": content for name, content in self.files.items()})


def bundle(course: Course, assignment: Assignment, lang: str = "en") -> Bundle:
    """The release with variant 0 of the hand calculations; `lang` is the report card's language.

    Raises CourseError where exercises/ is not what solutions/ generates, or would show a line of a solution; DataError
    for a data set that is not as its card says.
    """
    sync.check(course, (assignment.id,))
    folder = course.exercises / assignment.id
    pages = [name for name in PAGES if (folder / name).exists()]  # no Persian one where the course is in English alone
    names = [*pages, *(question.file for question in assignment.questions)]
    files = {name: (folder / name).read_bytes() for name in names}
    first = {"hw": assignment.id, "module": assignment.questions[0].file, "wheel": wheel_name()}
    told = [Text(*(path.read_text(encoding="utf-8").format(**first) for path in (START, START_FA)))]
    for question in assignment.questions:
        if weights := question.weights:
            name = f"{FOLDER}/{question.id}.ipynb"
            files[name] = as_text(training_notebook(question, lang)).encode()
            told.append(phrase("elsewhere.page", notebook=name, question=question.id, **vars(weights)))
    files |= _data_sets(course, assignment)
    told += _told_of_data(assignment, files)
    files["README.md"] += ("\n" + "\n".join(f"{said.en.rstrip()}\n" for said in told)).encode()
    if "README.fa.md" in files:
        persian = "\n".join(f"{said.fa.rstrip()}\n" for said in told)
        files["README.fa.md"] += f'\n<div dir="rtl">\n\n{persian}\n</div>\n'.encode()
    files[assignment.card_file] = as_text(report_card(assignment, part_points(assignment), lang)).encode()
    files["requirements.txt"] = REQUIREMENTS.format(wheel=wheel_name()).encode()
    files[wheel_name()] = wheel()
    files[".vscode/settings.json"] = f"{json.dumps(SETTINGS, indent=2)}\n".encode()
    files[".vscode/extensions.json"] = f"{json.dumps(EXTENSIONS, indent=2)}\n".encode()
    return Bundle(assignment.id, files)


def _data_sets(course: Course, assignment: Assignment) -> dict[str, bytes]:
    """The cards of the assignment's sets, and of those that lie beside them the rows to train on."""
    files = {}
    for name in assignment.data:
        known = card(course.datasets, name)
        files[f"datasets/{name}.toml"] = (course.datasets / f"{name}.toml").read_bytes()
        if known.bundled:
            files[f"datasets/{name}.npz"] = _rows_to_train_on(course, assignment, known)
    return files


def _told_of_data(assignment: Assignment, files: Mapping[str, bytes]) -> list[Text]:
    """How students get the rows: of sets that came along by numpy alone, of others by the loader and their cards."""
    along = [name for name in assignment.data if f"datasets/{name}.npz" in files]
    others = [name for name in assignment.data if name not in along]
    told = [phrase("release.bundled", name=name) for name in along]
    if others:
        told.append(phrase("release.data", names=Text(", ".join(others), "، ".join(others)), first=others[0]))
    return told


def _rows_to_train_on(course: Course, assignment: Assignment, known: Card) -> bytes:
    """What students get of a set of the course's own: the labels of its unseen rows are what they are graded by."""
    for question in assignment.questions:
        if question.weights and question.weights.data == known.name:
            raise CourseError(
                f"{question.id} takes weights, whose notebook measures on the unseen rows of {known.name}, and these "
                f"stay here: give its card a [[file]] with an address."
            )
    return without_unseen(load(known.name, datasets=course.datasets, profile="full").train)


def of_variant(common: Bundle, assignment: Assignment, variant: int) -> Bundle:
    """The release of the students with this variant: their own numbers stand in GIVEN, all else is the same."""
    own = {
        question.file: with_given(common.files[question.file].decode(), given).encode()
        for question in assignment.questions
        if variant and (given := given_of(question, variant))
    }
    return Bundle(common.assignment, {**common.files, **own})


def write(common: Bundle, folder: Path) -> list[str]:
    """Lay the release out in a folder and remove an older wheel; the names of what else lies there, which stays."""
    for name, content in common.files.items():
        write_atomically(folder / name, content)
    for old in folder.glob(f"{DISTRIBUTION}-*.whl"):
        if old.name not in common.files:
            old.unlink()
    there = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in there if name not in common.files)


def draw_variants(course: Course, assignment: Assignment, students: Iterable[Student]) -> dict[str, int]:
    """Each student's variant, drawn and recorded for those who have none: in turn, the least used one first."""
    table = {name: dict(own) for name, own in course.variants.items()}
    recorded = table.setdefault(assignment.id, {})
    known = len(recorded)
    used = Counter(recorded.values())
    number = min(variants_by_question(assignment).values(), default=1)
    for student in students:
        if student.id not in recorded:
            recorded[student.id] = min(range(number), key=lambda variant: (used[variant], variant))
            used[recorded[student.id]] += 1
    if len(recorded) > known:
        write_atomically(course.solutions / "variants.toml", _as_toml(table).encode())
    return {student.id: course.variant_of(assignment.id, student.id) for student in students}


def has_variants(course: Course, assignment: Assignment) -> bool:
    """Was any student given other numbers than the common bundle's?"""
    return any(course.variants.get(assignment.id, {}).values())


def with_given(stub: str, given: Mapping[str, Any]) -> str:
    """The stub with these numbers in its GIVEN, laid out as they were: on one line, or one key a line."""
    node = given_node(ast.parse(stub))
    if node is None:
        raise GraderError("A stub has no GIVEN although its question has variants; run `grader sync`.")
    lines = stub.encode().split(b"\n")
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    rest = lines[last][node.end_col_offset :].decode()
    items = [f"{json.dumps(key)}: {value!r}" for key, value in given.items()]
    on_one_line = f"GIVEN = {{{', '.join(items)}}}"
    laid_out = "\n".join(["GIVEN = {", *(f"    {item}," for item in items), "}"])
    lines[first : last + 1] = [((on_one_line if first == last else laid_out) + rest).encode()]
    return b"\n".join(lines).decode()


def variants_by_question(assignment: Assignment) -> dict[str, int]:
    """How many variants each hand calculation has; a student has one number for all of them, so the fewest count."""
    return {question.id: variants_of(question) for question in assignment.questions if given_of(question, 0)}


def _as_toml(table: Mapping[str, Mapping[str, int]]) -> str:
    sections = [
        f"\n[{json.dumps(name)}]\n" + "".join(f"{json.dumps(s, ensure_ascii=False)} = {v}\n" for s, v in own.items())
        for name, own in table.items()
    ]
    return VARIANTS + "".join(sections)
