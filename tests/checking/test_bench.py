"""What the bench hands out: draws that nobody can guess and everybody can repeat, and the owner's numbers."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from grader.checking import bench as bench_module
from grader.checking.bench import Bench, Job, given_of, variants_of
from grader.course import Course, Question, find_course
from grader.errors import CourseError
from grader.sandbox.wire import Channel
from tests.sample_course import SAMPLE


def bench(student: str = "s1", course: Course | None = None, assignment: str = "hw1") -> Bench:
    """A bench that hands out draws and numbers; no worker is ever asked."""
    course = course or find_course(SAMPLE)
    hw = dataclasses.replace(course.assignment("hw1"), id=assignment)
    nobody = cast(Channel, None)
    return Bench(course, hw, Job(student, {}), nobody, "quick", cast(Any, None))


def numbers(of: Bench, part: str = "q1a", name: str = "x") -> list[float]:
    return of.draw(part, name).normal(size=4).tolist()


def test_a_draw_is_the_same_at_every_regrade() -> None:
    """Nothing but key, term, set, part, student and name decides it."""
    assert numbers(bench()) == numbers(bench())


def test_a_draw_is_fresh_for_each_of_its_words() -> None:
    """Another student, part, name, set, term or key: other numbers."""
    course = find_course(SAMPLE)
    other_term = dataclasses.replace(course, term="2027")
    other_key = dataclasses.replace(course)
    other_key.__dict__["draw_key"] = b"another key"

    drawn = [
        numbers(bench()),
        numbers(bench("s2")),
        numbers(bench(), part="q1b"),
        numbers(bench(), name="y"),
        numbers(bench(assignment="hw2")),
        numbers(bench(course=other_term)),
        numbers(bench(course=other_key)),
    ]

    assert len({tuple(d) for d in drawn}) == len(drawn)


def test_a_draw_follows_the_published_recipe() -> None:
    """Philox, keyed by HMAC-SHA256 over the words: another program can repeat a grade years later."""
    key = find_course(SAMPLE).draw_key
    digest = hmac.new(key, b"2026-test|hw1|q1a|s1|x", hashlib.sha256).digest()
    wanted = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))

    assert numbers(bench()) == wanted.normal(size=4).tolist()


@pytest.fixture
def table(course_folder: Path) -> Question:
    return find_course(course_folder).assignment("hw1").question("q2_table")


def test_variants_are_the_source_s_numbers_and_those_beside_it(table: Question) -> None:
    """Variant 0 is in the module; TOML's lists become tuples where variant 0 has tuples."""
    assert variants_of(table) == 3
    assert given_of(table, 0) == {"a": (2, 3), "b": [4, 5, 9]}
    assert given_of(table, 2) == {"a": (5, 4), "b": [3, 7, 6]}


def test_all_variants_are_of_one_reading(table: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class with as many variants as students would wait for as many readings."""
    read: list[Path] = []
    for name in ("read_toml", "_literal_given"):
        own = getattr(bench_module, name)
        monkeypatch.setattr(bench_module, name, lambda path, own=own: (read.append(path), own(path))[1])

    assert [bool(given_of(table, variant)) for variant in range(variants_of(table))] == [True] * 3
    assert read == [table.source.with_suffix(".variants.toml"), table.source]


def test_a_question_without_numbers_has_one_variant(table: Question) -> None:
    """Most questions draw their inputs; GIVEN is for hand calculations."""
    rows = find_course(table.source.parents[2]).assignment("hw1").question("q1_rows")

    assert (variants_of(rows), given_of(rows, 0), given_of(rows, 5)) == (1, {}, {})


def test_a_check_that_changes_its_numbers_changes_nobody_else_s(table: Question) -> None:
    """Each fixture hands out a copy."""
    given_of(table, 0)["b"].append(1)

    assert given_of(table, 0)["b"] == [4, 5, 9]


def test_a_variant_that_is_not_there_is_said(table: Question) -> None:
    """The file and how many there are."""
    with pytest.raises(CourseError, match=r"variants\.toml has 2 variants; variant 3 was asked"):
        given_of(table, 3)


def test_a_variant_with_other_names_is_said(table: Question) -> None:
    """A slip in the file is the author's and not a student's."""
    table.source.with_suffix(".variants.toml").write_text("[[variant]]\na = [1, 2]\n", encoding="utf-8")

    with pytest.raises(CourseError, match=r"variants\.toml: variant 1 has a; GIVEN has a, b"):
        given_of(table, 1)


@pytest.mark.parametrize("given", ["dict(a=1)", "3", "[1]"])
def test_numbers_are_literal(table: Question, given: str) -> None:
    """GIVEN is read without running the module, so it must be written out."""
    table.source.write_text(f"GIVEN = {given}\n", encoding="utf-8")

    with pytest.raises(CourseError, match=r"q2_table\.py:1: GIVEN must be a literal dict"):
        given_of(table, 0)
