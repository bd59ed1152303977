"""`grader demo`: a sample class made from the course's own solutions, stubs and mistakes, whose every score is known.

Honest members hand in everything but the two trainings (one does train); the hostile ones do what students' code has
really done to graders, each in one part, so that what they lose is known too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path

from grader.archives import zipped
from grader.authoring.part_points import part_points
from grader.authoring.stub import stub_of
from grader.authoring.verify import expectations
from grader.course import Assignment, Question
from grader.errors import GraderError
from grader.hostile_samples import ATTACKS
from grader.records import unwritten
from grader.report_card import as_text, code, markdown, notebook
from grader.score import rounded
from grader.store import write_atomically

TRAININGS = {
    "q4d": "def fit(net, X, y, epochs, seed)",
    "q7e": "def train_inception(net, X, y, seed)",
}  # left out but by one member
MISTAKES_A_QUESTION = 3  # enough to show every question's hints


@dataclass(frozen=True)
class Member:
    """One sample student: files by name, how they are handed in, and the share of each part's points that they earn."""

    id: str
    about: str
    files: Mapping[str, bytes]
    shares: Mapping[str, Fraction] = field(default_factory=dict)  # parts that are not full
    form: str = "folder"  # folder, zip or empty
    hostile: bool = False


def members(assignment: Assignment) -> list[Member]:
    """The class, in the order of ids."""
    base = _without_trainings(assignment)
    left = dict.fromkeys(_trained_parts(assignment), Fraction(0))
    found: list[Member] = [
        Member("ada", "everything right, trainings too", _modules(assignment)),
        Member("bahar", "everything right but the trainings, which are not written", base, left),
        Member("cyrus", "the stubs as they came", _stubs(assignment.questions), _nothing(assignment.questions)),
        Member("dara", "an empty folder", {}, _nothing(assignment.questions), form="empty"),
        Member("elham", "handed in as a zip archive", base, left, form="zip"),
        _notebook(assignment, base),
    ]
    found += _mistaken(assignment, base, left)
    found += _mixtures(assignment, base, left)
    found += _broken(assignment, base, left)
    found += _hostile(assignment, base, left)
    return sorted(found, key=lambda member: member.id)


def expected_score(assignment: Assignment, member: Member) -> float:
    """What the member must get: the points of every machine-graded part times its share."""
    worth = part_points(assignment)
    parts = [part for question in assignment.questions for part in question.parts]
    total = sum((worth[part] * member.shares.get(part, Fraction(1)) for part in parts), Fraction(0))
    return rounded(total)


def write_class(assignment: Assignment, folder: Path, *, hostile: bool = True) -> list[Member]:
    """Lay the class out as nbgrader's `submitted/` tree under `folder`; the members written.

    An earlier sample class there is replaced; GraderError if somebody else's hand-ins are.
    """
    everybody = members(assignment)
    if folder.exists():
        strangers = sorted({path.name for path in folder.iterdir()} - {member.id for member in everybody})
        if strangers:
            raise GraderError(f"{folder} holds {strangers[0]}, who is not of the sample class; pass another --out.")
        shutil.rmtree(folder)
    kept = [member for member in everybody if hostile or not member.hostile]
    for member in kept:
        home = folder / member.id / assignment.id
        home.mkdir(parents=True)
        write_atomically(home / "timestamp.txt", b"2026-10-01 12:00:00 UTC\n")
        if member.form == "zip":
            packed = zipped({f"homework/{name}": data for name, data in member.files.items()})
            write_atomically(home / "homework.zip", packed)
        else:
            for name, data in member.files.items():
                write_atomically(home / name, data)
    return kept


def _modules(assignment: Assignment) -> dict[str, bytes]:
    return {question.file: question.source.read_bytes() for question in assignment.questions}


def _stubs(questions: Iterable[Question]) -> dict[str, bytes]:
    return {question.file: stub_of(question.source).encode() for question in questions}


def _trained_parts(assignment: Assignment) -> list[str]:
    return [part for question in assignment.questions for part in question.parts if part in TRAININGS]


def _nothing(questions: Iterable[Question]) -> dict[str, Fraction]:
    """No point for any of their parts."""
    return {part: Fraction(0) for question in questions for part in question.parts}


def _without_trainings(assignment: Assignment) -> dict[str, bytes]:
    files = _modules(assignment)
    for part in _trained_parts(assignment):
        question = assignment.question_of(part)
        assert question is not None
        files = _with(files, question, f'{TRAININGS[part]}:\n    raise NotImplementedError("{unwritten(part)}")\n')
    return files


def _with(files: Mapping[str, bytes], question: Question, added: str) -> dict[str, bytes]:
    name = question.file
    return {**files, name: files[name] + b"\n\n" + added.encode()}


def _usable(question: Question) -> Iterator[tuple[str, str, dict[str, Fraction]]]:
    """The question's mistakes whose shares are stated and which touch no training: (name, source, shares)."""
    for path in question.mistakes:
        told = expectations(path)
        shares = {part: one.share for part, one in told.items() if one.share is not None}
        if shares.keys() == told.keys() and not shares.keys() & TRAININGS.keys():
            yield path.stem, path.read_text(encoding="utf-8"), shares


def _mistaken(assignment: Assignment, base: Mapping[str, bytes], left: Mapping[str, Fraction]) -> list[Member]:
    found: list[Member] = []
    for question in assignment.questions:
        for name, source, shares in islice(_usable(question), MISTAKES_A_QUESTION):
            id_ = f"m{len(found) + 1:02}"
            found.append(Member(id_, f"{question.id}: {name}", _with(base, question, source), {**left, **shares}))
    return found


def _mixtures(assignment: Assignment, base: Mapping[str, bytes], left: Mapping[str, Fraction]) -> list[Member]:
    """Several mistakes in several questions; and one who wrote only half of the set."""
    files, shares = dict(base), dict(left)
    for question in assignment.questions:
        for _, source, lost in list(_usable(question))[-1:]:
            files, shares = _with(files, question, source), {**shares, **lost}
    half = assignment.questions[1::2]
    halved = {**base, **_stubs(half)}
    return [
        Member("mix1", "a mistake in every question", files, shares),
        Member("mix2", "every other question is the stub", halved, {**left, **_nothing(half)}),
    ]


def _notebook(assignment: Assignment, base: Mapping[str, bytes]) -> Member:
    """Two questions in tagged cells of a notebook, with outputs and a magic to be dropped."""
    kept = [assignment.question("q2"), assignment.question("q5")]
    cells = [markdown("top", "# Homework 5", "en"), code("setup", "%matplotlib inline", {})]
    cells += [code(q.id.replace("_", "-"), base[q.file].decode(), {"tags": [q.id]}) for q in kept]
    files = {"homework5.ipynb": as_text(notebook(cells)).encode()}
    shares = _nothing(question for question in assignment.questions if question not in kept)
    return Member("farid", "two questions in a notebook", files, shares)


def _broken(assignment: Assignment, base: Mapping[str, bytes], left: Mapping[str, Fraction]) -> list[Member]:
    counts, rates, ones = (assignment.question(name) for name in ("q3", "q1", "q6"))
    syntax = _with(base, counts, "def conv1d_params(:\n")
    absent = {name: data for name, data in base.items() if name != rates.file}
    renamed = _with(base, ones, "del used_in\n")
    raises = _with(base, rates, "def steps_to_tol(lam, lr, tol):\n    return 1 / 0\n")
    return [
        Member("syntax", "one module does not parse", syntax, {**left, **_nothing([counts])}),
        Member("absent", "one module was not handed in", absent, {**left, **_nothing([rates])}),
        Member("renamed", "one function is gone", renamed, {**left, "q6t": Fraction(0)}),
        Member("raises", "one function raises", raises, {**left, "q1b": Fraction(0)}),
    ]


def _hostile(assignment: Assignment, base: Mapping[str, bytes], left: Mapping[str, Fraction]) -> list[Member]:
    found = []
    for id_, attack in ATTACKS.items():
        files = _with(base, assignment.question(attack.question), attack.source)
        shares = {**left, attack.part: Fraction(0)}
        found.append(Member(f"x-{id_}", attack.about, files, shares, hostile=True))
    return found
