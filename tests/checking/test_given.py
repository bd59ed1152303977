"""The numbers of a hand calculation: variant 0 in the module, the others beside it, all of them read and not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking import given as given_module
from grader.checking.given import given_of, variants_of
from grader.course import Question, find_course
from grader.errors import CourseError


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
        own = getattr(given_module, name)
        monkeypatch.setattr(given_module, name, lambda path, own=own: (read.append(path), own(path))[1])

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
