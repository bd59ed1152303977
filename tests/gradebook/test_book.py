"""A person's marks in the gradebook, read and written as formgrader has them; and what is no gradebook."""

from __future__ import annotations

import sqlite3
from fractions import Fraction
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.api import Gradebook

from grader.errors import GraderError
from grader.gradebook.book import give_marks, marks_of, people
from grader.marks import Mark
from grader.roster import Student
from tests.classroom import CLASS, Classroom
from tests.sample_course import copied


def test_marks_come_back_as_they_were_given(room: Classroom) -> None:
    """Points and comment of an essay, for whoever joins them with the marksheet; what is extra is kept."""
    room.ask(
        lambda book: setattr(book.find_grade("q2e", "hw1", "hw1", "ada"), "extra_credit", 0.25) or book.db.commit()
    )

    give_marks(room.course, room.hw1, {("ada", "q2e"): Mark(Fraction(3, 2), comment="Rank!")})

    marks = marks_of(room.course, room.hw1)
    assert marks["ada"].parts["q2e"] == Mark(Fraction(3, 2), Fraction(1, 4), "Rank!")
    assert room.grades("ada")["q2e"] == (None, 1.5, False)
    assert set(marks) == set(CLASS)


def test_ticks_stay_with_the_points_they_were_saved_with(room: Classroom) -> None:
    """Recorded again they are there; once formgrader has given other points they no longer say what was given."""
    given = Mark(Fraction(3, 2), lines=(1, 3))
    give_marks(room.course, room.hw1, {("ada", "q2e"): given})
    room.record()
    again = marks_of(room.course, room.hw1)["ada"].parts["q2e"]
    room.ask(lambda book: setattr(book.find_grade("q2e", "hw1", "hw1", "ada"), "manual_score", 1.0) or book.db.commit())

    assert again == given
    assert marks_of(room.course, room.hw1)["ada"].parts["q2e"] == Mark(Fraction(1))


def test_the_zero_of_an_empty_essay_is_nobody_s_mark(room: Classroom) -> None:
    """It is settled, and yet no person gave it."""
    marks = marks_of(room.course, room.hw1)

    assert marks["cyd"].parts["q2e"] == Mark(Fraction(0), by_person=False)
    assert marks["ada"].parts["q2e"].points is None
    assert marks["ada"].parts["q1a"].points is None


def test_a_student_who_is_not_recorded_is_named_and_nothing_is_written(room: Classroom) -> None:
    """All of a marker's file or none of it."""
    given = {("ada", "q2e"): Mark(Fraction(1)), ("zoe", "q2e"): Mark(Fraction(1))}

    with pytest.raises(GraderError, match="zoe has nothing of hw1 in the gradebook: run grader record hw1 first"):
        give_marks(room.course, room.hw1, given)

    assert room.grades("ada")["q2e"] == (None, None, True)


def test_a_marker_s_spreadsheet_that_drops_zeros_is_told(room: Classroom) -> None:
    """The id that is meant is named, for nobody of the other name has to be recorded."""
    room.ask(lambda book: book.update_or_create_student("007"))

    with pytest.raises(GraderError, match="7 is no student's id, while 007 is: a spreadsheet drops zeros"):
        give_marks(room.course, room.hw1, {("7", "q2e"): Mark(Fraction(1))})


def test_the_class_s_list_is_nbgrader_s(room: Classroom) -> None:
    """Names and the platform's number, "" where nobody said them."""
    told = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "lms_user_id": "4711"}

    def enter(book: Gradebook) -> None:
        book.update_or_create_student("ada", **told)

    room.ask(enter)

    assert people(room.course)["ada"] == Student("ada", **told)
    assert people(room.course)["bob"] == Student("bob")


def test_without_a_gradebook_there_is_nothing_to_join(tmp_path: Path) -> None:
    """A course that does not use nbgrader: no file is made by looking."""
    room = Classroom(copied(tmp_path / "course"))

    assert marks_of(room.course, room.hw1) == {}
    assert people(room.course) == {}
    assert not (room.root / "nbgrader").exists()


def test_a_gradebook_that_cannot_be_made_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader would take the half for a whole one at its next start."""
    room = Classroom(copied(tmp_path / "course"))

    def absent() -> str:
        raise FileNotFoundError(2, "No such file", "alembic")

    monkeypatch.setattr(nbgrader.api, "get_alembic_version", absent)

    with pytest.raises(GraderError, match=r"gradebook\.db cannot be opened as nbgrader's gradebook"):
        room.ask(lambda book: None)
    assert not (room.root / "nbgrader" / "gradebook.db").exists()


@pytest.mark.parametrize("bytes_of_it", [b"no gradebook at all", b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_gradebook_is_one_sentence(tmp_path: Path, bytes_of_it: bytes) -> None:
    """Without the database's statement and its links; the file stays."""
    room = Classroom(copied(tmp_path / "course"))
    path = room.root / "nbgrader" / "gradebook.db"
    path.parent.mkdir()
    path.write_bytes(bytes_of_it)

    with pytest.raises(GraderError, match=r"gradebook\.db cannot be opened as nbgrader's gradebook \(.*\); ") as raised:
        room.ask(lambda book: book.students)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == bytes_of_it


def test_a_gradebook_that_breaks_while_it_is_read_is_one_sentence(room: Classroom) -> None:
    """A column that is gone shows only when somebody asks for it."""
    with sqlite3.connect(room.root / "nbgrader" / "gradebook.db") as file:
        file.execute("ALTER TABLE grade RENAME COLUMN manual_score TO other")
    file.close()

    with pytest.raises(GraderError, match=r"gradebook \(.*no such column: grade\.manual_score\); "):
        room.ask(lambda book: book.find_submission_notebook("hw1", "hw1", "ada").grades)


def test_a_gradebook_on_a_disk_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not made cannot be taken away either."""
    room = Classroom(copied(tmp_path / "course"))

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr("grader.gradebook.book.Gradebook", refused)

    with pytest.raises(GraderError, match=r"cannot be opened as nbgrader's gradebook \(.*Read-only file system\)"):
        room.ask(lambda book: None)
