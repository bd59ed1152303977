"""Facts of homework 5: its points, its figures, its languages, and what a student needs to run it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from grader.authoring.sync import check
from grader.authoring.worth import part_points
from grader.checking.bench import variants_of
from grader.checking.verifier import Verifier
from grader.course import Question, find_course
from tests.course.facts import STUDENTS_HAVE, different_variants, examples, figures, imported, in_both_languages, lost
from tests.sample_course import ROOT

COURSE = find_course(ROOT)
HW5 = COURSE.assignment("hw5")
WORTH = part_points(HW5)
ESSAYS = {essay.part for essay in HW5.essays}
BY_HAND = [question for question in HW5.questions if variants_of(question) > 1]
RUBRIC = (
    "q1a 2, q1b 1, q1p 3, q1t 1, q1t.auto 2, q1a.essay 2, q1b.essay 2, q1p.essay 2",
    "q2.dF 6, q2.dX 6, q2.code 3",
    "q3a.params 5, q3a.shapes 4, q3a.total 1, q3b 5, q3b.essay 5",
    "q4a 8, q4b 5, q4c 5, q4d 2",
    "q5 4, q5.essay 6",
    "q6a 1, q6b 3, q6t 1, q6th 1, q6j 5, q6a.essay 2, q6b.essay 1, q6p.essay 1",
    "q7b 3, q7d 7, q7e 10, q7a.essay 3, q7c.essay 2",
)


def total(*, essay: bool, bonus: bool) -> Fraction:
    return sum(
        (p for part, p in WORTH.items() if (part in ESSAYS) is essay and (part in HW5.bonus) is bonus), Fraction(0)
    )


def test_the_points_are_the_official_rubric_s() -> None:
    """100 points, 79 of them by machine and 21 by hand; 20 of bonus, 15 by machine and 5 by hand."""
    assert (total(essay=False, bonus=False), total(essay=True, bonus=False)) == (79, 21)
    assert (total(essay=False, bonus=True), total(essay=True, bonus=True)) == (15, 5)


def test_there_are_35_exercises() -> None:
    """25 that a machine judges, 10 that a person reads; seven modules."""
    assert (len(WORTH) - len(ESSAYS), len(ESSAYS), len(HW5.questions)) == (25, 10, 7)


def test_each_part_is_worth_what_the_course_says() -> None:
    """Part by part; an essay's companion carries its checkable claim."""
    said = dict(entry.split() for line in RUBRIC for entry in line.split(", "))

    assert {part: float(points) for part, points in WORTH.items()} == {
        part: float(worth) for part, worth in said.items()
    }
    assert HW5.bonus == {"q3b", "q3b.essay", "q7e"}


def test_an_essay_s_companion_is_a_part_of_its_question() -> None:
    """The claim that can be checked by machine stands beside the essay."""
    for essay in HW5.essays:
        question = HW5.question_of(essay.companion) if essay.companion else None

        assert not essay.companion or (question is not None and question.id == essay.question), essay.part


def test_the_figures_of_q3() -> None:
    """The official network: five counts, nine rows, and a total that the official key never adds up."""
    counts, rows, whole = figures(
        HW5.question("q3"),
        "(conv1d_params(), [tuple(r) if isinstance(r, (list, tuple)) else r for r in conv1d_shapes()], conv1d_total())",
    )  # type: ignore[misc]

    assert counts == {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 483456, "dense2": 645}
    assert whole == sum(counts.values()) == 497_349
    assert rows == [(498, 16), (249, 16), (245, 32), (122, 32), (118, 64), (59, 64), 3776, 128, 5]


def test_the_figures_of_q2() -> None:
    """The source's numbers: a quarter of each window, and the full convolution back."""
    assert figures(HW5.question("q2"), "(grad_filter(), grad_input())") == (
        [[2.5, 1.75], [1.25, -1.0]],
        [[0.5, 0.5, 0.0], [-0.25, 0.0, 0.25], [-0.75, -0.5, 0.25]],
    )


def test_the_figures_of_q1() -> None:
    """Closed forms: the growth beyond the threshold, and the steps out of the saddle."""
    grown, slow, saddle = figures(
        HW5.question("q1"),
        "(abs(gd_path(1.0, 2.1, 1.0, 50)[-1]), abs(gd_path(1.0, 1e-3, 1.0, 50)[-1]), "
        "[[escape_steps(opt, 0.1, (1.0, y)) for y in (1e-2, 1e-3, 1e-6, 0.0)] for opt in ('sgd', 'adam')])",
    )  # type: ignore[misc]

    assert (round(grown, 4), round(slow, 6)) == (117.3909, 0.951206)  # 1.1 ** 50 and 0.999 ** 50
    assert saddle == [[26, 38, 76, None], [11, 11, 11, None]]  # ceil(ln(1 / y) / ln 1.2)


def test_exercises_are_in_step() -> None:
    """Seven stubs and three pages are what solutions/ generates, and no page shows a solution's line."""
    assert check(COURSE, ("hw5",)) == 10


@pytest.mark.parametrize("question", HW5.questions, ids=lambda question: question.id)
def test_every_sentence_for_students_is_in_both_languages(question: Question) -> None:
    """Statement, check sentences and hints: the Persian file has exactly the keys that the checks use."""
    in_both_languages(question)


def test_stubs_need_only_what_students_have() -> None:
    """numpy, torch, sympy, matplotlib, Pillow and Python's own: no stub imports the grader."""
    for path in (ROOT / "exercises" / "hw5").glob("*.py"):
        assert imported(path) <= STUDENTS_HAVE


@pytest.mark.parametrize(("folder", "state"), [("solutions", "ok"), ("exercises", "not written yet")])
def test_examples_hold_for_the_solution_and_are_open_in_the_stub(folder: str, state: str) -> None:
    """The public checks: every one of them right for a right answer, none of them right before anything is written."""
    rows = examples(ROOT / folder / "hw5" / f"{question.id}.py" for question in HW5.questions)
    given = {"least_squares", "batch_rows"}  # functions that the stub brings along, to be used

    assert {row[0] for row in rows} == {question.id for question in HW5.questions}
    assert [row for row in rows if row[2] != ("ok" if row[1] in given else state)] == []


@pytest.fixture(scope="module")
def by_hand() -> Iterator[Verifier]:
    """The verifier of the questions that are worked out by hand."""
    started = Verifier(ROOT, "hw5", trusted=True, questions=[question.id for question in BY_HAND])
    yield started
    started.close()


def test_every_variant_can_be_solved(by_hand: Verifier) -> None:
    """Other numbers are the same exercise: the solution with each variant's numbers earns everything under it."""
    assert [question.id for question in BY_HAND] == ["q2_conv_backprop", "q3_parameter_counts"]
    for variant in range(min(map(variants_of, BY_HAND))):
        assert lost(by_hand, BY_HAND, variant) == [], f"variant {variant}"


def test_there_are_enough_variants() -> None:
    """The source's own numbers and at least three more, all different."""
    for question in BY_HAND:
        assert different_variants(question) == variants_of(question) >= 4


def test_no_file_of_the_course_names_a_machine() -> None:
    """Nothing of the course depends on where it lies."""
    here = str(Path.home())
    files = [p for folder in ("solutions", "exercises", "datasets") for p in (ROOT / folder).rglob("*.*")]

    assert [p for p in files if p.suffix in (".py", ".toml", ".md") and here in p.read_text(encoding="utf-8")] == []
