"""What a check's context hands out: draws that nobody can guess and everybody can repeat."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from typing import Any, cast

import numpy as np

from grader.checking.check_context import TRAINING_SECONDS, CheckContext, Job
from grader.checking.declared import Declared
from grader.checking.plot import PICTURES_OF_ALL
from grader.course import Course, find_course
from grader.sandbox.wire import Channel
from tests.sample_course import SAMPLE


def context(student: str = "s1", course: Course | None = None, assignment: str = "hw1") -> CheckContext:
    """A context that hands out draws; no worker is ever asked."""
    course = course or find_course(SAMPLE)
    hw = dataclasses.replace(course.assignment("hw1"), id=assignment)
    nobody = cast(Channel, None)
    return CheckContext(course, hw, Job(student, {}), nobody, "quick", cast(Any, None))


def numbers(of: CheckContext, part: str = "q1a", name: str = "x") -> list[float]:
    return of.draw(part, name).normal(size=4).tolist()


def test_a_draw_is_the_same_at_every_regrade() -> None:
    """Nothing but key, term, set, part, student and name decides it."""
    assert numbers(context()) == numbers(context())


def test_pictures_of_a_hand_in_have_an_end() -> None:
    """Each check may keep a few; together they are a page that can be opened. A smaller one may still have room."""
    of, half = context(), bytes(PICTURES_OF_ALL // 2)

    assert of.kept([("1", half), ("2", half[1:])]) == (("1", half), ("2", half[1:]))
    assert of.kept([("3", b"ab"), ("4", b"c"), ("5", b"d")]) == (("4", b"c"),)


def test_all_workers_of_a_training_have_one_patience() -> None:
    """However many networks a check trains and asks, each as slowly as it may: the verifier's own deadline is later."""
    of = context()
    training_context = of.training_context(of.assignment.questions[0], "q1a", Declared(minutes=2))

    with training_context.fresh("cpu") as one, training_context.fresh("cpu") as other:
        assert one.time_budget is other.time_budget
        assert one.time_budget.left == 2 * TRAINING_SECONDS


def test_a_draw_is_fresh_for_each_of_its_words() -> None:
    """Another student, part, name, set, term or key: other numbers."""
    course = find_course(SAMPLE)
    other_term = dataclasses.replace(course, term="2027")
    other_key = dataclasses.replace(course)
    other_key.__dict__["draw_key"] = b"another key"

    drawn = [
        numbers(context()),
        numbers(context("s2")),
        numbers(context(), part="q1b"),
        numbers(context(), name="y"),
        numbers(context(assignment="hw2")),
        numbers(context(course=other_term)),
        numbers(context(course=other_key)),
    ]

    assert len({tuple(d) for d in drawn}) == len(drawn)


def test_a_draw_follows_the_published_recipe() -> None:
    """Philox, keyed by HMAC-SHA256 over the words: another program can repeat a grade years later."""
    key = find_course(SAMPLE).draw_key
    digest = hmac.new(key, b"2026-test|hw1|q1a|s1|x", hashlib.sha256).digest()
    wanted = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))

    assert numbers(context()) == wanted.normal(size=4).tolist()
