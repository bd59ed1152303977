"""`grader new` and `grader new-course`: what they write works from its first minute."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

import grader.authoring.skeleton
from grader.authoring.release import bundle
from grader.authoring.skeleton import new_course, new_question
from grader.authoring.sync import check, sync
from grader.authoring.verify import prove
from grader.checking.verifier import Verifier
from grader.course import Course, find_course
from grader.errors import CourseError
from grader.records import Text
from grader.store import write_atomically
from tests.sample_course import SAMPLE


def test_a_new_question_proves_itself_at_once(course: Course) -> None:
    """Solution full, stub empty, mistake recognised, stubs in step; cli/test_author.py has the same in a new set."""
    new_question(course, "hw1/q3_more")
    again = find_course(course.root)
    hw1 = again.assignment("hw1")
    with closing(Verifier(course.root, "hw1", trusted=True, questions=["q3_more"])) as verifier:
        proofs = list(prove([hw1.question("q3")], verifier))
    sync(again, ("hw1",))

    assert [(proof.name, proof.faults) for proof in proofs] == [("solution", ()), ("stub", ()), ("sum_for_mean", ())]
    assert check(again, ("hw1",)) == 6


def test_a_new_question_is_entered_and_the_rest_left_alone(course: Course) -> None:
    """The tables keep every line they had, comments too."""
    before = (course.solutions / "hw1" / "assignment.toml").read_text(encoding="utf-8").splitlines()

    new_question(course, "hw1/q3_more")

    after = (course.solutions / "hw1" / "assignment.toml").read_text(encoding="utf-8").splitlines()
    again = find_course(course.root)
    assert [question.id for question in again.assignment("hw1").questions] == ["q1_rows", "q2_table", "q3_more"]
    assert [line for line in before if line not in after] == ['questions = ["q1_rows", "q2_table"]']
    assert again.assignments == ("hw1",)


def test_a_new_set_is_entered_in_the_course(course: Course) -> None:
    """Two questions one after another make one set."""
    new_question(course, "hw6/q1_name")
    new_question(find_course(course.root), "hw6/q2_other")

    again = find_course(course.root)
    assert again.assignments == ("hw1", "hw6")
    assert [question.id for question in again.assignment("hw6").questions] == ["q1_name", "q2_other"]
    assert [list(question.parts) for question in again.assignment("hw6").questions] == [["q1a"], ["q2a"]]


def test_a_set_without_questions_gets_its_first(course: Course) -> None:
    """An empty list is filled, not broken."""
    table = course.solutions / "hw6" / "assignment.toml"
    table.parent.mkdir()
    table.write_text('title = { en = "six", fa = "شش" }\nquestions = []\n', encoding="utf-8")

    new_question(course, "hw6/q1_name")

    assert [q.id for q in find_course(course.root).assignment("hw6").questions] == ["q1_name"]


@pytest.mark.parametrize(
    "where", ["hw6", "q1_name", "hw6/name", "hw6/q1", "../q1_name", "/q1_name", "hw6/q1_Name", "a/b/q1_c"]
)
def test_a_name_of_another_form_is_refused(course: Course, where: str) -> None:
    """Names become files, modules and part labels: one form, and an example of it."""
    before = sorted(course.root.rglob("*"))

    with pytest.raises(CourseError, match=r"`grader new .*`: a name such as hw6/q1_short_name was asked"):
        new_question(course, where)

    assert sorted(course.root.rglob("*")) == before


def test_a_number_that_is_taken_is_refused(course: Course) -> None:
    """Two questions with the number 1 would share part labels."""
    with pytest.raises(CourseError, match=r"q1_rows\.py is there already, with the parts of q1; choose another number"):
        new_question(course, "hw1/q1_other")


@pytest.mark.parametrize("written", ['assignments=["hw1"]', 'assignments = [\n  "hw1",\n]', "assignments = ['hw1']"])
def test_a_list_is_found_however_it_is_written(course: Course, written: str) -> None:
    """TOML cares for neither blanks nor lines."""
    path = course.root / "course.toml"
    path.write_text(re.sub(r"assignments = .*", written, path.read_text(encoding="utf-8")), encoding="utf-8")

    new_question(course, "hw6/q1_name")

    assert find_course(course.root).assignments == ("hw1", "hw6")


def test_a_course_s_list_that_is_not_found_is_said_and_nothing_is_written(course: Course) -> None:
    """Files of a set that no command knows would only confuse."""
    path = course.root / "course.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("assignments =", '"assignments" ='), encoding="utf-8")

    with pytest.raises(CourseError, match=r"course\.toml has no line `assignments = \[\.\.\.\]` to enter hw6 in"):
        new_question(course, "hw6/q1_name")

    assert not (course.solutions / "hw6").exists()


def test_a_table_that_cannot_be_entered_is_said_and_nothing_is_written(course: Course) -> None:
    """A half-made question would be worse than none."""
    table = course.solutions / "hw6" / "assignment.toml"
    table.parent.mkdir()
    table.write_text('title = { en = "six" }\n"questions" = []\n', encoding="utf-8")

    with pytest.raises(CourseError, match=r"assignment\.toml has no line `questions = \[\.\.\.\]`"):
        new_question(course, "hw6/q1_name")

    assert [path.name for path in table.parent.iterdir()] == ["assignment.toml"]


def test_a_course_of_one_s_own_has_the_content_and_its_own_key(tmp_path: Path) -> None:
    """Solutions are copied whole, stubs are made afresh, the key is drawn anew."""
    original = find_course(SAMPLE)

    made = new_course(original, tmp_path / "mine", ("hw1",))

    assert (made.id, made.title, made.term, made.assignments) == ("mine", original.title, original.term, ("hw1",))
    assert len(made.draw_key) == 64
    assert made.draw_key != original.draw_key
    assert made.draw_key != new_course(original, tmp_path / "yours", ("hw1",)).draw_key
    for path in [p for p in (SAMPLE / "solutions" / "hw1").rglob("*") if p.is_file() and p.suffix != ".pyc"]:
        assert (made.root / path.relative_to(SAMPLE)).read_bytes() == path.read_bytes()
    assert check(made, ("hw1",)) == 5
    assert not list(made.root.rglob("__pycache__"))


def test_a_title_with_quotes_survives(course_folder: Path, tmp_path: Path) -> None:
    """What TOML would trip over is written so that it does not."""
    path = course_folder / "course.toml"
    text = path.read_text(encoding="utf-8").replace('"A course of one set, for tests"', "'The \"small\" \\ course'")
    path.write_text(text, encoding="utf-8")

    made = new_course(find_course(course_folder), tmp_path / "mine", ("hw1",))

    assert made.title.en == 'The "small" \\ course'


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """Nobody's files are mixed with a course."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")

    for target in (tmp_path, tmp_path / "file"):
        with pytest.raises(CourseError, match="is not an empty folder; `grader new-course` makes a new one"):
            new_course(find_course(SAMPLE), target, ("hw1",))


def test_a_set_that_is_not_there_is_said_before_anything_is_written(tmp_path: Path) -> None:
    """A misspelt name leaves no half of a course."""
    with pytest.raises(CourseError, match="There is no assignment hw9"):
        new_course(find_course(SAMPLE), tmp_path / "mine", ("hw1", "hw9"))

    with pytest.raises(CourseError, match="hw1 was named twice"):
        new_course(find_course(SAMPLE), tmp_path / "mine", ("hw1", "hw1"))

    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("place", range(6))
def test_a_full_disk_leaves_the_course_as_it_was(course: Course, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    """A question that is listed and not there would stop every command; whichever of the six files fails."""
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    asked = 0

    def full(path: Path, data: bytes) -> None:
        nonlocal asked
        asked += 1
        if asked == place + 1:
            raise OSError(28, "No space left on device", str(path))
        write_atomically(path, data)

    monkeypatch.setattr(grader.authoring.skeleton, "write_atomically", full)

    with pytest.raises(OSError, match="No space left"):
        new_question(course, "hw6/q1_name")

    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


def test_a_course_may_begin_with_nothing_and_in_english_alone(tmp_path: Path) -> None:
    """Its first question proves itself, students get no Persian page, and a key is drawn for it."""
    made = new_course(find_course(SAMPLE), tmp_path / "mine", ())
    written = new_question(made, "gt1/q1_name")
    course = find_course(made.root)
    sync(course, ("gt1",))
    verifier = Verifier(course.root, "gt1", trusted=True)

    try:
        proofs = list(prove(list(course.assignment("gt1").questions), verifier))
    finally:
        verifier.close()

    assert [(proof.name, proof.faults) for proof in proofs] == [("solution", ()), ("stub", ()), ("sum_for_mean", ())]
    assert (made.assignments, made.title, len(made.draw_key)) == ((), Text("mine"), 64)
    assert [path.name for path in written] == ["q1_name.py", "test_q1_name.py", "sum_for_mean.py"]
    assert " fa = " not in (course.solutions / "gt1" / "assignment.toml").read_text(encoding="utf-8")
    assert not (course.exercises / "gt1" / "README.fa.md").exists()
    assert "README.fa.md" not in bundle(course, course.assignment("gt1"), "fa").files
    with pytest.raises(CourseError, match=r"There is no assignment hw1 in .*; it lists none\."):
        made.assignment("hw1")
