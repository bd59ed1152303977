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


def test_a_title_may_be_a_text_alone(course_folder: Path) -> None:
    """In a course of one language there is no table of them."""
    _replace(TABLE, 'title.en = "Rows and a table"', 'title = "Rows and a table"')(course_folder)
    _replace(TABLE, 'title.fa = "سطرها و یک جدول"', "")(course_folder)

    title = find_course(course_folder).assignment("hw1").title

    assert (title.en, title.fa) == ("Rows and a table", "")


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


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("says = 5\n", "something is of the wrong kind"),
        ("[says]\ntest_mean = 5\n", "test_mean is a text in quotes, not 5"),
        ("hints = ['x']\n", "something is of the wrong kind"),
        ("statement = 3\n", "statement is a text in quotes, not 3"),
        ("[say]\ntest_mean = 'x'\n", "a question's Persian half takes statement, says, hints, and not say"),
    ],
)
def test_a_persian_half_that_cannot_be_read_is_named(course_folder: Path, table: str, sentence: str) -> None:
    """The file that the author edits, and what is wrong with it."""
    question = find_course(course_folder).assignment("hw1").question("q1_rows")
    question.persian_file.write_text(table, encoding="utf-8")

    with pytest.raises(CourseError, match=rf"q1_rows\.fa\.toml: {sentence}"):
        _ = question.persian


def test_limits_that_are_said_are_taken(course_folder: Path) -> None:
    """Whole numbers, each above 0."""
    _replace(TABLE, *_limits("memory_mib = 2048\ncpu_seconds = 60\ngpu_memory_mib = 4096"))(course_folder)

    hw1 = find_course(course_folder).assignment("hw1")

    assert (hw1.limits["memory_mib"], hw1.limits["cpu_seconds"], hw1.gpu_share) == (2048, 60, 4096)


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
    (course.solutions / "draw.key").write_bytes(b"abc" * 11 + b"\r\n")

    assert course.draw_key == b"abc" * 11


@pytest.mark.parametrize(("student", "variant"), [("s1", 2), ("s2", 0)])
def test_a_student_has_the_variant_that_is_recorded(course_folder: Path, student: str, variant: int) -> None:
    """Whoever is not in variants.toml has the source's own numbers."""
    course = find_course(course_folder)
    (course.solutions / "variants.toml").write_text("[hw1]\ns1 = 2\n", encoding="utf-8")

    assert course.variant_of("hw1", student) == variant


@pytest.mark.parametrize(("table", "without"), [("s1 = 2\ns2 = 0\n", ["77"]), ("s1 = 0\n", []), ("", [])])
def test_who_has_no_variant_is_known(course_folder: Path, table: str, without: list[str]) -> None:
    """Where nobody has other numbers than the source's, nobody can be judged by wrong ones."""
    course = find_course(course_folder)
    (course.solutions / "variants.toml").write_text(f"[hw1]\n{table}", encoding="utf-8")

    assert course.without_variant("hw1", ["s1", "77"] if table else ["s1"]) == without


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


def _limits(line: str) -> tuple[str, str]:
    return "[question.q1_rows]", f"[limits]\n{line}\n\n[question.q1_rows]"


TABLE = "solutions/hw1/assignment.toml"
QUESTIONS = 'questions = ["q1_rows", "q2_table"]'
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "broken TOML": (_write("course.toml", b"id = \n"), r"course\.toml cannot be read as TOML: .*line 1"),
    "not text": (_write(TABLE, b"\xff\xfe"), r"assignment\.toml cannot be read as TOML"),
    "no id": (_replace("course.toml", 'id = "sample"', ""), r"course\.toml: 'id' is missing"),
    "a title of the wrong kind": (
        lambda root: (root / "course.toml").write_text('id="x"\ntitle=5\nterm="t"\nassignments=[]\n'),
        r"course\.toml: something is of the wrong kind",
    ),
    "no table": (lambda root: (root / TABLE).unlink(), r"assignment\.toml is missing"),
    "no questions": (_replace(TABLE, "questions =", "queries ="), r"assignment\.toml: 'questions' is missing"),
    "a question without its entry": (
        _replace(TABLE, '"q2_table"]', '"q2_table", "q3_none"]'),
        r"assignment\.toml: \[question\.q3_none\] is missing, with the question's title and its parts; see",
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
    "a default that is none": (
        _replace("course.toml", 'profile = "quick"', "wokers = 4"),
        r"course\.toml: .*\[run\] takes profile, device, workers, audit, lang, and not wokers",
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
    "limits of another kind": (_replace(TABLE, *_limits('memory_mib = "x"')), r"memory_mib in .* number, not 'x'"),
    "a limit with a unit": (_replace(TABLE, *_limits('cpu_seconds = "10m"')), r"cpu_seconds in .* number, not '10m'"),
    "a limit below nothing": (_replace(TABLE, *_limits("memory_mib = -2048")), r"whole number, not -2048"),
    "a limit of a card that is no number": (_replace(TABLE, *_limits("gpu_memory_mib = true")), r"number, not True"),
    "a limit that nobody knows": (
        _replace(TABLE, *_limits("memory = 2048")),
        r"assignment\.toml: \[limits\] takes memory_mib, cpu_seconds, gpu_memory_mib, and not memory; see",
    ),
    "limits that are no table": (_replace(TABLE, QUESTIONS, "limits = 3\n" + QUESTIONS), r"assignment\.toml: "),
    "a question twice": (
        _replace(TABLE, '"q2_table"]', '"q2_table", "q1_rows"]'),
        r"assignment\.toml: questions lists q1_rows twice",
    ),
    "questions in a text": (
        _replace(TABLE, QUESTIONS, 'questions = "q1_rows"'),
        r"""assignment\.toml: questions is a list of names in quotes, such as \["q1_mean"\], not 'q1_rows'""",
    ),
    "a bonus in a text": (_replace(TABLE, 'bonus = ["q2b"]', 'bonus = "q2b"'), r"bonus is a list .*, not 'q2b'"),
    "data in a text": (_replace(TABLE, QUESTIONS, 'data = "mnist"\n' + QUESTIONS), r"data is a list .*, not 'mnist'"),
    "assignments in a text": (
        _replace("course.toml", '["hw1"]', '"hw1"'),
        r"course\.toml: assignments is a list of names in quotes",
    ),
    "an assignment that is no name": (
        _replace("course.toml", '["hw1"]', '["hw1", 5]'),
        r"course\.toml: assignments is a list of names in quotes, .* not \['hw1', 5\]",
    ),
    "a run that is no table": (
        lambda root: (root / "course.toml").write_text(
            'run = 5\nid = "x"\ntitle.en = "x"\nterm = "t"\nassignments = ["hw1"]\n'
        ),
        r"course\.toml: something is of the wrong kind",
    ),
    "a term that is no text": (_replace("course.toml", 'term = "', 'term = 5 #"'), r"term is a text in quotes, not 5"),
    "a title that is no text": (_replace(TABLE, 'title.en = "Rows and a table"', "title.en = 5"), r"en is a text in"),
    "a slip in a key of the course": (
        _replace("course.toml", "id =", 'titel = "x"\nid ='),
        r"course\.toml: titel is not known; did you mean title\?; see",
    ),
    "a slip in a key of the assignment": (
        _replace(TABLE, "bonus =", "bonuses ="),
        r"assignment\.toml: bonuses is not known; did you mean bonus\?; see",
    ),
    "a slip in a key of a question": (
        _replace(TABLE, "[question.q1_rows]", '[question.q1_rows]\nweight = "x"'),
        r"assignment\.toml: weight is not known in question q1_rows; did you mean weights\?; see",
    ),
    "a slip in a key of an essay": (
        _replace(TABLE, 'part = "q2e"', 'part = "q2e"\ncompanions = "q2a"'),
        r"assignment\.toml: companions is not known in essay q2e; did you mean companion\?; see",
    ),
    "a part in two questions": (_replace(TABLE, 'parts."q2a"', 'parts."q1a"'), r"there are two parts q1a; each"),
    "an essay named as a part": (_replace(TABLE, 'part = "q2e"', 'part = "q2b"'), r"there are two parts q2b; each"),
    "a rubric that takes points": (
        _replace(TABLE, "points = 1\n", "points = -1\n"),
        r"the points of a rubric's line are a number above 0, and essay q2e has -1",
    ),
    "a rubric for nothing": (_replace(TABLE, "points = 1.5", "points = 0"), r"above 0, and essay q2e has 0"),
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


def test_an_author_may_have_keys_of_their_own(course_folder: Path) -> None:
    """Dates and whatever else a course's files are good for."""
    path = course_folder / TABLE
    path.write_text(f'due = 2026-12-01\ndate = "x"\n{path.read_text(encoding="utf-8")}', encoding="utf-8")

    assert find_course(course_folder).assignment("hw1").bonus == {"q2b"}


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


@pytest.mark.parametrize("key", [b"", b" \n" * 40, b"a" * 31])
def test_a_key_that_can_be_guessed_is_refused(course_folder: Path, key: bytes) -> None:
    """Whoever knows it knows what the hidden checks will ask."""
    (course_folder / "solutions" / "draw.key").write_bytes(key)

    with pytest.raises(CourseError, match=r"draw\.key has \d+ characters; at least 32 were asked, .*token_hex"):
        _ = find_course(course_folder).draw_key


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[hw1]\ns1 = "two"\n', "the variant of s1 is a whole number, not 'two'"),
        ("[hw1]\ns1 = -1\n", "the variant of s1 is a whole number, not -1"),
        ("hw1 = 3\n", r"\[hw1\] is a table of students with their variants, not 3"),
    ],
)
def test_a_variant_that_is_no_number_is_said(course_folder: Path, table: str, said: str) -> None:
    """The file that the author edits is named."""
    course = find_course(course_folder)
    (course.solutions / "variants.toml").write_text(table, encoding="utf-8")

    with pytest.raises(CourseError, match=rf"variants\.toml: {said}"):
        course.variant_of("hw1", "s1")


def test_the_sample_holds_no_path_of_a_machine() -> None:
    """A course can be moved: nothing in it depends on where it lies."""
    here = os.fsencode(SAMPLE.parent)

    assert [path for path in SAMPLE.rglob("*.toml") if here in path.read_bytes()] == []
