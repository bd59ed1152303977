"""The course as its files tell it: course.toml, assignment.toml, and where everything lies."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from grader.errors import CourseError, NoCourseError
from grader.records import Text
from grader.toml_tables import in_quotes, names_in, no_slip, of_the_right_form, only, read_toml, text, twice


@dataclass(frozen=True)
class RubricLine:
    """One line of an essay's rubric: its points and what earns them."""

    points: Fraction
    text: Text

    @property
    def judged(self) -> Text:
        """What students are shown before they write: the line up to its colon, behind which stands what is right."""
        return Text(self.text.en.partition(":")[0], self.text.fa.partition(":")[0])


@dataclass(frozen=True)
class Essay:
    """A part that a person marks. `companion` is the machine-graded part that carries its checkable claim."""

    part: str
    question: str
    title: Text
    prompt: Text
    rubric: tuple[RubricLine, ...]
    companion: str
    bonus: bool

    @property
    def points(self) -> Fraction:
        return sum((line.points for line in self.rubric), Fraction(0))


@dataclass(frozen=True)
class Weights:
    """What may take a training's place: a file beside the module, the functions that make it, and their data set."""

    part: str
    file: str  # safetensors
    build: str
    train: str
    data: str


@dataclass(frozen=True)
class Question:
    """One stub module and everything that belongs to it."""

    id: str
    title: Text
    source: Path  # solutions/hw5/q2_conv_backprop.py
    stub: Path  # exercises/hw5/q2_conv_backprop.py
    persian_file: Path
    parts: Mapping[str, Text]  # the parts' titles, in order
    weights: Weights | None = None

    @property
    def file(self) -> str:
        """The module's name in exercises/ and in what is handed in: q2_conv_backprop.py."""
        return f"{self.id}.py"

    @property
    def checks(self) -> Path:
        return self.source.with_name(f"test_{self.id}.py")

    @property
    def mistakes(self) -> list[Path]:
        return sorted((self.source.parent / "mistakes" / self.id).glob("*.py"))

    @cached_property
    def persian(self) -> Mapping[str, Any]:
        """The Persian half: `statement`, [says] by check, [hints] by hint key."""
        if not self.persian_file.exists():
            return {}
        table = read_toml(self.persian_file)
        with of_the_right_form(self.persian_file):
            only(table, ("statement", "says", "hints"), "a question's Persian half")
            for words in ({"statement": table.get("statement", "")}, table.get("says", {}), table.get("hints", {})):
                for key, said in words.items():
                    in_quotes(said, key)
        return table


RUN = ("profile", "device", "workers", "audit", "lang")  # of `grader run`, for whom no other is typed
LIMITS = ("memory_mib", "cpu_seconds", "gpu_memory_mib")
KEY_BYTES = 32  # as many hexadecimal digits are 128 bits, which nobody tries out
GPU_SHARE = 8192  # MiB: the largest network of the course and a batch of images, several times over


@dataclass(frozen=True)
class Assignment:
    """One homework set."""

    id: str
    folder: Path  # solutions/hw5
    title: Text
    questions: tuple[Question, ...]
    essays: tuple[Essay, ...]
    bonus: frozenset[str]
    limits: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()  # the course's other assignments

    def question(self, name: str) -> Question:
        """The question of this id, or of its beginning (q2); CourseError if there is none."""
        for question in self.questions:
            if name in (question.id, question.id.split("_")[0]):
                return question
        known = ", ".join(q.id for q in self.questions)
        raise CourseError(f"{self.id} has no question {name}; it has {known}.")

    def question_of(self, part: str) -> Question | None:
        """The question that the part is of; None for an essay and for what is no part."""
        return next((q for q in self.questions if part in q.parts), None)

    @property
    def card_file(self) -> str:
        """The report card's name in a release and in what is handed in: hw5.ipynb."""
        return f"{self.id}.ipynb"

    @property
    def gpu_share(self) -> int:
        """MiB of a GPU's memory for one training; so many of them as fit share a card."""
        return int(self.limits.get("gpu_memory_mib", GPU_SHARE))

    def bars(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What trained networks must reach, by measure and source, as bars.toml says; empty where there is none."""
        path = self.folder / "bars.toml"
        return read_toml(path) if path.exists() else {}


@dataclass(frozen=True)
class Course:
    """A folder with a course.toml. `draw_key` is the secret that fresh inputs are drawn with."""

    root: Path
    id: str
    title: Text
    term: str
    assignments: tuple[str, ...]
    run: Mapping[str, Any]

    @property
    def exercises(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @cached_property
    def draw_key(self) -> bytes:
        """What solutions/draw.key holds; CourseError where it is missing or could be guessed."""
        path = self.solutions / "draw.key"
        if not path.exists():
            raise CourseError(f"{path} is missing: the hidden checks draw their inputs with it; restore it.")
        key = path.read_bytes().strip()
        if len(key) < KEY_BYTES:
            raise CourseError(
                f"{path} has {len(key)} characters; at least {KEY_BYTES} were asked, or it could be guessed, and "
                "what is drawn with it: restore it, or where nothing is graded yet put into it what "
                "`python -c 'import secrets; print(secrets.token_hex(32))'` prints."
            )
        return key

    @property
    def variants(self) -> Mapping[str, Mapping[str, int]]:
        """The variants of the hand calculations that students were given at release: by assignment, by student."""
        path = self.solutions / "variants.toml"
        if not path.exists():
            return {}
        facts = path.stat()
        return _variants(path, (facts.st_ino, facts.st_mtime_ns, facts.st_size))

    def variant_of(self, assignment: str, student: str) -> int:
        """The number of the student's variant of the hand calculations; 0, the source's, if none is recorded."""
        return self.variants.get(assignment, {}).get(student, 0)

    @property
    def with_variant(self) -> set[str]:
        """Whoever was given a variant in any assignment."""
        return {student for own in self.variants.values() for student in own}

    def without_variant(self, assignment: str, students: Iterable[str]) -> list[str]:
        """For whom no variant is recorded, where others were given numbers that are not the source's."""
        recorded = self.variants.get(assignment, {})
        return [student for student in students if student not in recorded] if any(recorded.values()) else []

    def assignment(self, name: str) -> Assignment:
        """The assignment as its assignment.toml tells it; CourseError for one that is not listed or not as asked."""
        if name not in self.assignments:
            known = ", ".join(self.assignments) or "none"
            raise CourseError(f"There is no assignment {name} in {self.root / 'course.toml'}; it lists {known}.")
        folder = self.solutions / name
        table = read_toml(folder / "assignment.toml")
        with of_the_right_form(folder / "assignment.toml"):
            read = _assignment(name, folder, self.exercises / name, table)
        return replace(read, others=frozenset(self.assignments) - {name})


def find_course(start: Path | None = None) -> Course:
    """The course at `start`, or the nearest parent of the current folder that has a course.toml.

    Raises NoCourseError where there is none, CourseError for a course.toml that is not as asked.
    """
    here = (start or Path.cwd()).resolve()
    candidates = [here] if start else [here, *here.parents]
    for folder in candidates:
        if (folder / "course.toml").is_file():
            return _course(folder)
    raise NoCourseError(
        f"No course.toml in {here}{'' if start else ' or above it'}: go to a course's folder or pass --course DIR."
    )


def _course(folder: Path) -> Course:
    table = read_toml(folder / "course.toml")
    with of_the_right_form(folder / "course.toml"):
        chosen = table.get("run", {})
        only(chosen, RUN, "[run]")
        no_slip(table, ("id", "title", "term", "assignments", "run"))
        return Course(
            root=folder,
            id=in_quotes(table["id"], "id"),
            title=text(table["title"]),
            term=in_quotes(table["term"], "term"),
            assignments=names_in(table["assignments"], "assignments"),
            run=chosen,
        )


@lru_cache(maxsize=1)
def _variants(path: Path, facts: tuple[int, int, int]) -> dict[str, dict[str, int]]:
    """A class's variants.toml: read anew when the file has changed, and not for every student."""
    table = read_toml(path)
    for assignment, own in table.items():
        if not isinstance(own, dict):
            raise CourseError(f"{path}: [{assignment}] is a table of students with their variants, not {own!r}.")
        for student, variant in own.items():
            if type(variant) is not int or variant < 0:
                raise CourseError(f"{path}: the variant of {student} is a whole number, not {variant!r}.")
    return table


def _limits(table: Mapping[str, Any]) -> Mapping[str, int]:
    only(table, LIMITS, "[limits]")
    for key, value in table.items():
        if type(value) is not int or value < 1:
            raise ValueError(f"{key} in [limits] is a positive whole number, not {value!r}")
    return table


def _points(worth: object, part: str) -> Fraction:
    if isinstance(worth, bool) or not isinstance(worth, int | float) or not 0 < worth < math.inf:
        raise ValueError(f"the points of a rubric's line are a number above 0, and essay {part} has {worth!r}")
    return Fraction(str(worth))


def _assignment(name: str, folder: Path, stubs: Path, table: Mapping[str, Any]) -> Assignment:
    no_slip(table, ("title", "questions", "bonus", "data", "limits", "question", "essay"))
    bonus = frozenset(names_in(table.get("bonus", []), "bonus"))
    listed = names_in(table["questions"], "questions")
    read = Assignment(
        id=name,
        folder=folder,
        title=text(table["title"]),
        questions=tuple(_question(q, folder, stubs, table.get("question", {})) for q in listed),
        essays=tuple(_essay(essay, bonus) for essay in table.get("essay", [])),
        bonus=bonus,
        limits=_limits(table.get("limits", {})),
        data=names_in(table.get("data", []), "data"),
    )
    _require_known_names(read)
    return read


def _question(name: str, folder: Path, stubs: Path, entries: Mapping[str, Any]) -> Question:
    if name not in entries:
        raise ValueError(f"[question.{name}] is missing, with the question's title and its parts")
    table = entries[name]
    no_slip(table, ("title", "parts", "weights"), f" in question {name}")
    return Question(
        id=name,
        title=text(table["title"]),
        source=folder / f"{name}.py",
        stub=stubs / f"{name}.py",
        persian_file=folder / f"{name}.fa.toml",
        parts={part: text(title) for part, title in table["parts"].items()},
        weights=Weights(**table["weights"]) if "weights" in table else None,
    )


def _essay(table: Mapping[str, Any], bonus: Collection[str]) -> Essay:
    part = in_quotes(table["part"], "part")
    no_slip(table, ("part", "question", "title", "prompt", "rubric", "companion"), f" in essay {part}")
    return Essay(
        part=part,
        question=table["question"],
        title=text(table["title"]),
        prompt=text(table["prompt"]),
        rubric=tuple(RubricLine(_points(line["points"], part), text(line)) for line in table["rubric"]),
        companion=table.get("companion", ""),
        bonus=part in bonus,
    )


def _require_known_names(read: Assignment) -> None:
    """Raise ValueError where one table names what no other has, or two have the same name."""
    parts = [part for question in read.questions for part in question.parts]
    every = [*parts, *(essay.part for essay in read.essays)]
    for question in read.questions:
        if question.weights and question.weights.part not in question.parts:
            raise ValueError(f"weights of {question.weights.part}, which is no part of {question.id}")
        if question.weights and question.weights.data not in read.data:
            raise ValueError(f"weights of {question.id} need {question.weights.data}, which `data` does not list")
    if repeated := twice(every):
        raise ValueError(f"there are two parts {repeated[0]}; each, an essay too, has a name of its own")
    for essay in read.essays:
        if essay.question not in {question.id for question in read.questions}:
            raise ValueError(f"essay {essay.part} belongs to {essay.question}, which is no question")
        if essay.companion and essay.companion not in parts:
            raise ValueError(f"the companion of essay {essay.part} is {essay.companion}, which is no part")
    if strangers := read.bonus - {*every}:
        raise ValueError(f"bonus lists {', '.join(sorted(strangers))}, which is no part")
