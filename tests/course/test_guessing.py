"""Guessing does not pay: fillings without knowledge earn at most a fifth of any part that is answered by choosing."""

from __future__ import annotations

import random
import re
import runpy
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.authoring.part_points import part_points
from grader.checking.choices import Choices
from grader.checking.declared import declared_by
from grader.checking.ledger import opened
from grader.course import Assignment, Question, find_course
from tests.sample_course import ROOT

COURSE = find_course(ROOT)
# part: the function that is answered by choosing. What else such an answer asks for, a number say, is left open.
CHOSEN = {
    "hw1": {"q1a": "activation_table", "q2a": "landmark_head", "q3a": "head_options", "q4a": "price_head"},
    "hw2": {"q2a": "init_outcomes", "q3c": "pool_facts", "q4.choice": "loss_choice"},
    "hw3": {"q1c": "activation_properties", "q2b": "diagnose", "q3f": "alpha_one"},
    "hw4": {"q1.choice": "optimizer_facts"},
    "hw5": {"q6a": "one_by_one_facts"},
}
PARTS = [(name, part, function) for name, parts in CHOSEN.items() for part, function in parts.items()]
FILLINGS = 200


class Guesser:
    """A hand-in that knows the form of an answer and the words that it may hold, and nothing else."""

    def __init__(self, right: Callable[..., Any], words: dict[Any, list[Any]], truth: bool | None) -> None:
        self.right, self.words, self.truth = right, words, truth
        self.chance = random.Random(0)

    def __call__(self, *args: Any) -> Any:
        return self.filled(self.right(*args), "")

    def filled(self, value: Any, key: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(item, name) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.filled(item, key) for item in value]
        if isinstance(value, bool):
            return self.chance.choice([True, False]) if self.truth is None else self.truth
        return self.chance.choice(self.words[key]) if key in self.words and self.truth is None else ...


def checks_of(question: Question, part: str) -> list[Callable[..., Any]]:
    found = runpy.run_path(str(question.checks)).values()
    return [
        c
        for c in found
        if callable(c) and getattr(c, "__name__", "").startswith("test_") and declared_by(c).part == part
    ]


def earned(checks: list[Callable[..., Any]], function: str, answer: Callable[..., Any]) -> float:
    """The points that an answer gets from a part's checks."""
    total = 0.0
    for check in checks:
        numbers = np.random.default_rng(1)
        asked = {"submission": SimpleNamespace(**{function: answer}), "draw": lambda name, n=numbers: n}
        names = check.__code__.co_varnames[: check.__code__.co_argcount]
        with opened() as ledger, suppress(AssertionError, TypeError, AttributeError, ValueError):
            check(**{name: asked[name] for name in names})
            total += float(ledger.share * declared_by(check).points)  # type: ignore[operator]
    return total


@pytest.fixture(params=PARTS, ids=[f"{name}-{part}" for name, part, _ in PARTS])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`form(truth)`: the share of the part that one more filling earns."""
    name, part, function = request.param
    assignment: Assignment = COURSE.assignment(name)
    question = assignment.question_of(part)
    right = runpy.run_path(str(question.source))[function]
    checks, worth = checks_of(question, part), float(part_points(assignment)[part])
    words: dict[Any, list[Any]] = {}

    def noting(self: Choices, answer: object) -> bool:
        for cell in self.cells:
            key = next((step for step in reversed(cell.path) if isinstance(step, str)), "")
            if not cell.yes_or_no:
                numbers = not cell.words and all(isinstance(value, int) for value in cell.right)
                words.setdefault(key, list(range(10)) if numbers else list(cell.words or cell.right))
        return compare(self, answer)

    compare = Choices.__eq__
    with monkeypatch.context() as patched:
        patched.setattr(Choices, "__eq__", noting)
        whole = earned(checks, function, right)
        earned(checks, function, Guesser(right, {}, True))
    assert whole >= worth / 2, f"{function} is not what {part} is answered by"
    guessers = {truth: Guesser(right, words, truth) for truth in (True, False, None)}
    return lambda truth: earned(checks, function, guessers[truth]) / worth


@pytest.mark.parametrize("truth", [True, False], ids=["all true", "all false"])
def test_one_word_everywhere_does_not_pay(form: Callable[[bool | None], float], truth: bool) -> None:
    """The same in every yes-or-no cell, and nothing else."""
    assert form(truth) <= 0.2


def test_random_fillings_do_not_pay(form: Callable[[bool | None], float]) -> None:
    """Two hundred forms filled by chance, words and all, in the mean."""
    assert np.mean([form(None) for _ in range(FILLINGS)]) < 0.2


def test_no_form_is_forgotten() -> None:
    """Every question whose checks compare choices has a part in the table above."""
    chosen = {COURSE.assignment(name).question_of(part).id for name, part, _ in PARTS}
    questions = [question for name in COURSE.assignments for question in COURSE.assignment(name).questions]

    assert chosen == {q.id for q in questions if re.search(r"== choices\(", q.checks.read_text(encoding="utf-8"))}
