"""The course as its files tell it, and one sentence for each way in which they can be wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from grader.course import find_course
from grader.errors import CourseError
from tests.sample_course import SAMPLE, sample


def test_the_sample_is_read_as_it_is_written() -> None:
    """Questions in order, parts, essays with their rubrics added up, what is a bonus, both titles."""
    course, hw1 = sample()

    assert (course.id, course.term, course.assignments, course.run["profile"]) == (
        "sample",
        "2026-test",
        ("hw1",),
        "quick",
    )
    assert [question.id for question in hw1.questions] == ["q1_rows", "q2_table"]
    assert list(hw1.questions[1].parts) == ["q2a", "q2b"]
    assert (hw1.essays[0].points, hw1.essays[0].companion, hw1.essays[0].bonus) == (Fraction(5, 2), "q2a", False)
    assert (hw1.bonus, hw1.title.fa) == ({"q2b"}, "سطرها و یک جدول")


def test_everything_belonging_to_a_question_lies_beside_it() -> None:
    """Module, stub, checks, Persian and mistakes are found by the question's name."""
    _, hw1 = sample()
    question = hw1.question("q2")

    assert question.id == "q2_table"
    assert all(path.is_file() for path in (question.source, question.stub, question.checks, question.persian_file))
    assert [path.stem for path in question.mistakes] == ["one_cell_off", "sums_for_products"]
    assert question.persian["says"]["test_total"] == "مجموع از جدول به دست می‌آید."


def test_a_question_without_a_persian_file_has_no_persian(course_folder: Path) -> None:
    """The Persian half may come later."""
    question = find_course(course_folder).assignment("hw1").question("q1_rows")
    question.persian_file.unlink()

    assert question.persian == {}


def test_a_part_knows_its_question() -> None:
    """A part is found in the question that lists it; an unknown one nowhere."""
    _, hw1 = sample()

    assert hw1.question_of("q1c") is hw1.questions[0]
    assert hw1.question_of("q9z") is None


def test_the_nearest_course_above_is_found(course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --course, the course is the first folder upwards that has a course.toml."""
    monkeypatch.chdir(course_folder / "exercises" / "hw1")

    assert find_course().root == course_folder


def test_a_named_folder_must_be_the_course_itself(course_folder: Path) -> None:
    """--course does not look upwards: a wrong folder is a mistake, not a guess."""
    with pytest.raises(CourseError, match=r"No course\.toml in .*hw1: go to a course's folder or pass --course DIR\."):
        find_course(course_folder / "exercises" / "hw1")


def test_the_key_is_the_file_without_its_line_end(course_folder: Path) -> None:
    """Two editors that end lines differently draw the same numbers."""
    course = find_course(course_folder)
    (course.solutions / "draw.key").write_bytes(b"abc\r\n")

    assert course.draw_key == b"abc"


@pytest.mark.parametrize(("student", "variant"), [("s1", 2), ("s2", 0)])
def test_a_student_has_the_variant_that_is_recorded(course_folder: Path, student: str, variant: int) -> None:
    """Whoever is not in variants.toml has the source's own numbers."""
    course = find_course(course_folder)
    (course.solutions / "variants.toml").write_text("[hw1]\ns1 = 2\n", encoding="utf-8")

    assert course.variant_of("hw1", student) == variant


def test_without_a_table_everybody_has_the_first_variant() -> None:
    """Variants are a choice of the course."""
    course, _ = sample()

    assert course.variant_of("hw1", "s1") == 0


def _replace(file: str, old: str, new: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _write(file: str, data: bytes) -> Callable[[Path], object]:
    return lambda root: (root / file).write_bytes(data)


def _weights(part: str, data: str) -> str:
    return f"weights = {{ part = '{part}', file = 'w', build = 'b', train = 't', data = '{data}' }}\n"


TABLE = "solutions/hw1/assignment.toml"
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "broken TOML": (_write("course.toml", b"id = \n"), r"course\.toml cannot be read as TOML: .*line 1"),
    "not text": (_write(TABLE, b"\xff\xfe"), r"assignment\.toml cannot be read as TOML"),
    "no id": (_replace("course.toml", 'id = "sample"', ""), r"course\.toml: 'id' is missing"),
    "a title of the wrong kind": (
        lambda root: (root / "course.toml").write_text('id="x"\ntitle="x"\nterm="t"\nassignments=[]\n'),
        r"course\.toml: something is of the wrong kind",
    ),
    "no table": (lambda root: (root / TABLE).unlink(), r"assignment\.toml is missing"),
    "no questions": (_replace(TABLE, "questions =", "queries ="), r"assignment\.toml: 'questions' is missing"),
    "a question without its entry": (
        _replace(TABLE, '"q2_table"]', '"q2_table", "q3_none"]'),
        r"assignment\.toml: 'q3_none' is missing",
    ),
    "parts of the wrong kind": (
        _replace(TABLE, 'parts."q2a" = { en = "The table", fa = "جدول" }', 'parts = ["q2a"]\n#'),
        r"assignment\.toml",
    ),
    "a bonus part that is none": (
        _replace(TABLE, 'bonus = ["q2b"]', 'bonus = ["q2b", "q2x"]'),
        r"assignment\.toml: .*bonus lists q2x, which is no part",
    ),
    "a companion that is none": (
        _replace(TABLE, 'companion = "q2a"', 'companion = "q2x"'),
        r"assignment\.toml: .*the companion of essay q2e is q2x, which is no part",
    ),
    "a profile that is none": (
        _replace("course.toml", 'profile = "quick"', 'profile = "ful"'),
        r"course\.toml: .*\[run\] takes profile, quick or full, and nothing else",
    ),
    "a default that is none": (
        _replace("course.toml", 'profile = "quick"', "workers = 4"),
        r"course\.toml: .*\[run\] takes profile, quick or full, and nothing else",
    ),
    "an essay of no question": (
        _replace(TABLE, 'question = "q2_table"', 'question = "q9_gone"'),
        r"assignment\.toml: .*essay q2e belongs to q9_gone, which is no question",
    ),
    "weights of another question's part": (
        _replace(TABLE, "[question.q2_table]", _weights("q2a", "phones") + "[question.q2_table]"),
        r"assignment\.toml: .*weights of q2a, which is no part of q1_rows",
    ),
    "weights without their data": (
        _replace(TABLE, "[question.q2_table]", _weights("q1a", "phones") + "[question.q2_table]"),
        r"assignment\.toml: .*weights of q1_rows need phones, which `data` does not list",
    ),
    "weights with a key too few": (
        _replace(TABLE, "[question.q2_table]", "weights = { part = 'q1a' }\n[question.q2_table]"),
        r"assignment\.toml: something is of the wrong kind",
    ),
    "points that are no number": (_replace(TABLE, "points = 1\n", 'points = "one"\n'), r"assignment\.toml: "),
    "a folder where a table should be": (
        lambda root: ((root / TABLE).unlink(), (root / TABLE).mkdir()),
        r"assignment\.toml cannot be read: Is a directory",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_course_is_one_sentence_that_names_the_file(course_folder: Path, case: str) -> None:
    """Whatever is wrong, the author reads which file to open."""
    change, sentence = WRONG[case]
    change(course_folder)

    with pytest.raises(CourseError, match=sentence) as raised:
        find_course(course_folder).assignment("hw1")

    assert "\n" not in str(raised.value).rstrip()


def test_an_unknown_assignment_is_answered_with_the_known_ones() -> None:
    """A misspelt assignment costs one look."""
    course, _ = sample()

    with pytest.raises(CourseError, match=r"There is no assignment hw9 in .*course\.toml; it lists hw1\."):
        course.assignment("hw9")


def test_an_unknown_question_is_answered_with_the_known_ones() -> None:
    """A misspelt question costs one look."""
    _, hw1 = sample()

    with pytest.raises(CourseError, match=r"hw1 has no question q7; it has q1_rows, q2_table\."):
        hw1.question("q7")


def test_a_missing_key_is_said(course_folder: Path) -> None:
    """Without the draws' key nothing is graded with another."""
    (course_folder / "solutions" / "draw.key").unlink()

    with pytest.raises(CourseError, match=r"draw\.key is missing: .*restore it"):
        _ = find_course(course_folder).draw_key


@pytest.mark.parametrize("table", ['[hw1]\ns1 = "two"\n', "hw1 = 3\n"])
def test_a_variant_that_is_no_number_is_said(course_folder: Path, table: str) -> None:
    """The file that the author edits is named."""
    course = find_course(course_folder)
    (course.solutions / "variants.toml").write_text(table, encoding="utf-8")

    with pytest.raises(CourseError, match=r"variants\.toml: the variant of s1 is a whole number"):
        course.variant_of("hw1", "s1")


def test_the_sample_holds_no_path_of_a_machine() -> None:
    """A course can be moved: nothing in it depends on where it lies."""
    here = os.fsencode(SAMPLE.parent)

    assert [path for path in SAMPLE.rglob("*.toml") if here in path.read_bytes()] == []
