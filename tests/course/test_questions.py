"""Laws for every question of the course: worth, languages, imports, examples, variants, and stubs in step."""

from __future__ import annotations

import ast
import re
import tokenize
import tomllib
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tokenize import COMMENT

import pytest

from grader.authoring.part_points import part_points
from grader.authoring.sync import check
from grader.checking.given import variants_of
from grader.course import Assignment, Question, find_course
from tests.course.facts import STUDENTS_HAVE, different_variants, examples, imported, in_both_languages
from tests.sample_course import ROOT

COURSE = find_course(ROOT)
ASSIGNMENTS = [COURSE.assignment(name) for name in COURSE.assignments]
QUESTIONS = [question for assignment in ASSIGNMENTS for question in assignment.questions]
RUBRIC = tomllib.loads((Path(__file__).parent / "rubric.toml").read_text(encoding="utf-8"))
# set: (exercises, of them by machine, points by machine, points by hand, bonus by machine, bonus by hand)
TABLE = {
    "hw1": (24, 20, 86, 14, 0, 0),
    "hw2": (25, 20, 84, 16, 0, 0),
    "hw3": (27, 22, 87, 13, 0, 0),
    "hw4": (15, 13, 91, 9, 0, 0),
    "hw5": (35, 25, 79, 21, 15, 5),
}
each_set = pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.id)
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)


def test_the_course_is_whole() -> None:
    """Five sets, 126 exercises, 500 points and 20 of bonus; question modules have names of their own."""
    assert COURSE.assignments == tuple(TABLE)
    assert sum(row[0] for row in TABLE.values()) == 126
    assert [sum(column) for column in list(zip(*TABLE.values(), strict=True))[2:]] == [427, 73, 15, 5]
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)


@each_set
def test_each_set_is_as_large_as_it_says(assignment: Assignment) -> None:
    """Exercises and points, by machine and by hand, bonus apart."""
    worth = part_points(assignment)
    essays = {essay.part for essay in assignment.essays}

    def points(*, essay: bool, bonus: bool) -> Fraction:
        chosen = (p for part, p in worth.items() if (part in essays, part in assignment.bonus) == (essay, bonus))
        return sum(chosen, Fraction(0))

    assert (
        len(worth),
        len(worth) - len(essays),
        points(essay=False, bonus=False),
        points(essay=True, bonus=False),
        points(essay=False, bonus=True),
        points(essay=True, bonus=True),
    ) == TABLE[assignment.id]


@each_set
def test_each_part_is_worth_what_the_rubric_says(assignment: Assignment) -> None:
    """Part by part; checks and rubric lines are added up, never typed twice."""
    worth = {
        part: f"{float(points):g}" + "b" * (part in assignment.bonus)
        for part, points in part_points(assignment).items()
    }

    assert worth == {
        part: f"{points:g}" if isinstance(points, int | float) else points
        for part, points in RUBRIC[assignment.id].items()
    }


@each_set
def test_an_essay_s_companion_is_a_part_of_its_question(assignment: Assignment) -> None:
    """The claim that can be checked by machine stands beside the essay."""
    for essay in assignment.essays:
        question = assignment.question_of(essay.companion) if essay.companion else None

        assert not essay.companion or (question is not None and question.id == essay.question), essay.part


@each_set
def test_exercises_are_in_step(assignment: Assignment) -> None:
    """Stubs and pages are what solutions/ generates, and no page shows a solution's line."""
    assert check(COURSE, (assignment.id,)) == len(assignment.questions) + 3


@each_question
def test_every_sentence_for_students_is_in_both_languages(question: Question) -> None:
    """Statement, check sentences and hints: the Persian file has exactly the keys that the checks use."""
    in_both_languages(question)


@each_question
def test_stubs_need_only_what_students_have(question: Question) -> None:
    """numpy, torch, sympy, matplotlib, Pillow and Python's own: no stub imports the grader."""
    assert imported(question.stub) <= STUDENTS_HAVE


@each_question
def test_the_words_of_a_form_are_types_too(question: Question) -> None:
    """The words that a comment allows in a cell are a `Literal`: an editor offers them, and marks any other."""
    text = question.stub.read_text(encoding="utf-8")
    comments = [token.string for token in tokenize.generate_tokens(StringIO(text).readline) if token.type == COMMENT]
    lists = [re.findall(r'"([^"]*)"', comment) for comment in comments if re.match(r'# "[^"]+", "', comment)]
    types = [set(ast.literal_eval(f"[{words}]")) for words in re.findall(r"Literal\[([^\]]*)\]", text)]

    assert [words for words in lists if set(words) not in types] == []


def given_whole(question: Question) -> set[str]:
    """Functions that the stub brings along, to be used: the same in stub and solution."""

    def functions(path: Path) -> dict[str, str]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        return {node.name: ast.dump(node) for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    mine, theirs = functions(question.source), functions(question.stub)
    return {name for name, body in theirs.items() if mine.get(name) == body}


@each_set
def test_examples_hold_for_the_solution_and_are_open_in_the_stub(assignment: Assignment) -> None:
    """The public checks: every one of them right for a right answer, none before; what a stub brings is given."""
    given = {(question.id, name) for question in assignment.questions for name in given_whole(question)}
    solved = examples(question.source for question in assignment.questions)
    opened = examples(question.stub for question in assignment.questions)

    assert (
        {row[0] for row in solved} == {row[0] for row in opened} == {question.id for question in assignment.questions}
    )
    assert [row for row in solved if row[2] != ("given" if (row[0], row[1]) in given else "ok")] == []
    assert [row for row in opened if row[2] != ("given" if (row[0], row[1]) in given else "unwritten")] == []


def test_variants_are_four_or_more_and_none_twice() -> None:
    """Neighbours have other numbers; that each can be solved `grader verify` proves."""
    by_hand = [question for question in QUESTIONS if variants_of(question) > 1]

    assert all(different_variants(question) == variants_of(question) >= 4 for question in by_hand)


def test_the_hand_calculations_come_in_variants() -> None:
    """Those that the course names, and no others."""
    assert [question.id for question in QUESTIONS if variants_of(question) > 1] == [
        "q1_activation_functions",
        "q2_hand_backprop",
        "q2_conv_backprop",
        "q3_parameter_counts",
    ]


def test_no_file_of_the_course_names_a_machine() -> None:
    """Nothing of the course depends on where it lies."""
    here = str(Path.home())
    files = [p for folder in ("solutions", "exercises", "datasets") for p in (ROOT / folder).rglob("*.*")]

    assert [p for p in files if p.suffix in (".py", ".toml", ".md") and here in p.read_text(encoding="utf-8")] == []
