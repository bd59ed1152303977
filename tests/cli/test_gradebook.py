"""`grader record`, `essays`, `export`: what is typed, what is told, and the exit status."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.exchange import TWO_LINES
from grader.gradebook.book import marks_of
from grader.marks import standing
from tests.classroom import CLASS, Classroom
from tests.commandline import typed

HEAD = "assignment,part,student,points,lines,comment,marker\n"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def marked(room: Classroom, name: str, *rows: str) -> str:
    (room.root / name).write_text(HEAD + "".join(f"hw1,q2e,{row}\n" for row in rows), encoding="utf-8")
    return name


def test_record_says_who_waits_for_a_person(room: Classroom) -> None:
    """How many are in the gradebook, and which parts a person has to mark."""
    told = typed("record", "hw1", folder=room.root)

    assert told.exit_code == 0, told.output
    assert f"3 of 3 in {room.root / 'nbgrader' / 'gradebook.db'}." in told.output
    assert "Waiting for a person: 2 parts of 2 students; grader essays hw1." in told.output
    assert "  bob: q2e" in told.output


def test_marks_are_where_the_configuration_says(room: Classroom) -> None:
    """`record` and `export` use one gradebook, nbgrader's, and begin no other."""
    place = f'c.CourseDirectory.db_url = "sqlite:///{room.root}/marks.db"'
    (room.root / "nbgrader_config.py").write_text(f"{TWO_LINES}\n{place}\n", encoding="utf-8")
    (room.root / "nbgrader" / "gradebook.db").rename(room.root / "marks.db")

    told = typed("record", "hw1", folder=room.root)
    typed("essays", "hw1", "--read", marked(room, "a.csv", "ada,1.5,,,Ann"), folder=room.root)
    typed("export", "hw1", "csv", folder=room.root)

    assert f"3 of 3 in {room.root / 'marks.db'}." in told.output
    scores = {row["student"]: row["score"] for row in table(room.out / "hw1" / "export" / "csv" / "grades.csv")}
    assert scores["ada"] == "10.5"
    assert not (room.root / "nbgrader" / "gradebook.db").exists()


def test_record_tells_where_a_person_and_the_machine_differ(room: Classroom) -> None:
    """A mark that was given before a check was mended stays, and whoever gave it can look again; an essay has one."""

    def mark(book: Gradebook) -> None:
        for student, part, points in (("cyd", "q1a", 0.5), ("cyd", "q1b", 2.0), ("ada", "q2e", 2.0)):
            book.find_grade(part, "hw1", "hw1", student).manual_score = points
        book.db.commit()

    room.ask(mark)

    told = typed("record", "hw1", folder=room.root)

    assert told.output.endswith(
        "Waiting for a person: 1 part of 1 student; grader essays hw1.\n  bob: q2e\n"
        "A person's marks that stay in place of the machine's:\n  cyd: q1a 0.5, by the machine 1\n"
    )


def test_record_names_who_is_left_out(room: Classroom) -> None:
    """The others are recorded; the exit status says that somebody is not."""
    (room.hand_in("ada") / "timestamp.txt").write_text("2026-10-02 08:00:00 UTC", encoding="utf-8")

    told = typed("record", "hw1", folder=room.root)

    assert told.exit_code == 1
    assert "left out: ada: handed in again after being graded; run grader run hw1" in told.stderr
    assert "2 of 3 in " in told.output


@pytest.mark.parametrize("words", [("record", "hw1"), ("export", "hw1", "csv")])
def test_practice_is_refused_in_one_sentence(room: Classroom, words: tuple[str, ...]) -> None:
    """Exit status 2, and --practice is what takes them all the same."""
    room.change_sheet("ada", lambda sheet: sheet["manifest"].update(data={"cifar10": "stand-in"}))

    told = typed(*words, folder=room.root)

    assert told.exit_code == 2
    assert told.stderr.strip().endswith("or pass --practice.")
    assert typed(*words, "--practice", folder=room.root).exit_code in (0, 1)


@pytest.mark.parametrize("words", [("record", "hw1"), ("export", "hw1", "csv")])
def test_nothing_is_recorded_before_grading(course_folder: Path, words: tuple[str, ...]) -> None:
    """One sentence says what to run first."""
    told = typed(*words, folder=course_folder)

    assert told.exit_code == 2
    assert "There are no marksheets in results/hw1; run `grader run hw1` first" in told.stderr


def test_an_essay_goes_from_the_sheet_to_every_page(room: Classroom) -> None:
    """Marked on the sheet, read back, and then in gradebook, export, feedback and report alike."""
    made = typed("essays", "hw1", folder=room.root)
    page = (room.out / "hw1" / "essays" / "q2e.html").read_text(encoding="utf-8")

    read = typed(
        "essays", "hw1", "--read", marked(room, "a.csv", "ada,1.5,1,Rank!,Ann", "bob,2,,,Ann"), folder=room.root
    )
    exported = typed("export", "hw1", "csv", folder=room.root)
    typed("feedback", "hw1", folder=room.root)
    typed("report", "hw1", folder=room.root)

    assert (made.exit_code, read.exit_code, exported.exit_code) == (0, 0, 0)
    assert "an outer product, whose rank is one" in page
    assert "It is an &lt;b&gt;outer&lt;/b&gt; product." in page
    assert "New in the gradebook: 2 marks." in read.output
    scores = {row["student"]: float(row["score"]) for row in table(room.out / "hw1" / "export" / "csv" / "grades.csv")}
    assert scores == {"ada": 10.5, "bob": 2.0, "cyd": 8.0}
    assert scores == {student: room.total(student)[0] for student in CLASS}
    marks = marks_of(room.course, room.hw1)
    assert scores == {student: float(standing(room.sheet(student), marks[student]).score) for student in CLASS}
    shown = (room.out / "hw1" / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "<strong>10.5</strong>" in shown
    assert "Rank!" in shown
    assert ">10.5</td>" in (room.out / "hw1" / "report.html").read_text(encoding="utf-8")


def test_nobody_s_mark_is_lost_to_another_s(room: Classroom) -> None:
    """Markers who differ, and a mark that the gradebook has: listed, not taken, unless one says --replace."""
    ann, bob = marked(room, "a.csv", "ada,1,,,Ann", "bob,2,,,Ann"), marked(room, "b.csv", "ada,2,,,Bob")

    both = typed("essays", "hw1", "--read", ann, bob, folder=room.root)
    typed("essays", "hw1", "--read", bob, folder=room.root)
    late = typed("essays", "hw1", "--read", ann, folder=room.root)

    assert both.exit_code == late.exit_code == 1
    assert "New in the gradebook: 1 mark." in both.output
    assert "settle it first: ada, q2e: 1 by Ann (a.csv, line 2) and 2 by Bob (b.csv, line 2)" in both.stderr
    assert "settle it first: ada, q2e: 1 here and 2 in the gradebook" in late.stderr
    assert room.grades("ada")["q2e"] == (None, 2.0, False)
    assert typed("essays", "hw1", "--read", "--replace", ann, folder=room.root).exit_code == 0
    assert room.grades("ada")["q2e"] == (None, 1.0, False)


def test_where_there_are_no_essays_there_is_nothing_to_mark(course_folder: Path) -> None:
    """The assignment is named, and no page is made."""
    path = course_folder / "solutions" / "hw1" / "assignment.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[[essay]]")[0], encoding="utf-8")

    told = typed("essays", "hw1", folder=course_folder)

    assert (told.exit_code, told.stderr.strip()) == (2, "grader: hw1 has no essays.")
    assert not (course_folder / "results").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--read",), "give both or neither"),
        (("a.csv",), "give both or neither"),
        (("--read", "absent.csv"), "absent.csv cannot be read: No such file or directory."),
    ],
)
def test_files_and_read_go_together(room: Classroom, words: tuple[str, ...], told: str) -> None:
    """Wrong use is one sentence and status 2."""
    ended = typed("essays", "hw1", *words, folder=room.root)

    assert ended.exit_code == 2
    assert told in ended.stderr


@pytest.mark.parametrize(
    ("system", "names"),
    [
        ("csv", {"grades.csv"}),
        ("canvas", {"grades.csv"}),
        ("moodle", {"grades.csv", "feedback.zip"}),
        ("gradescope", {"ada.json", "bob.json", "cyd.json", "autograder.zip"}),
    ],
)
def test_every_system_has_its_files(room: Classroom, system: str, names: set[str]) -> None:
    """The same final score in each; who is not final is named, with status 1."""
    roster = room.root / "class.csv"
    lines = [f"{student},{student.title()},X,{student}@example.org,{n}" for n, student in enumerate(CLASS, 1001)]
    roster.write_text("\n".join(["id,first_name,last_name,email,lms_user_id", *lines]), encoding="utf-8")

    told = typed("export", "hw1", system, "--roster", "class.csv", folder=room.root)

    folder = room.out / "hw1" / "export" / system
    assert told.exit_code == 1
    assert "not final, something waits for a person: 2 students\n  ada: q2e\n  bob: q2e\n" in told.stderr
    assert {path.name for path in folder.iterdir()} == names
    if system == "gradescope":
        assert json.loads((folder / "cyd.json").read_text(encoding="utf-8"))["score"] == 8
    else:
        assert any("8" in row.values() for row in table(folder / "grades.csv"))


def test_who_has_no_number_on_the_platform_is_named(room: Classroom) -> None:
    """Left out of Moodle's files, with status 1; and so is who is not in the roster at all."""
    (room.root / "class.csv").write_text("id,lms_user_id\nada,1001\ncyd,\n", encoding="utf-8")

    told = typed("export", "hw1", "moodle", "--roster", "class.csv", folder=room.root)

    assert told.exit_code == 1
    assert "left out, no number of the platform's: bob, cyd" in told.stderr


def test_whom_canvas_has_to_look_for_is_named(room: Classroom) -> None:
    """By their ids: they are in the file, nobody is left out."""
    (room.root / "class.csv").write_text("id,lms_user_id\nada,1001\n", encoding="utf-8")

    told = typed("export", "hw1", "canvas", "--roster", "class.csv", folder=room.root)

    assert "no number of the platform's, so Canvas looks for them by SIS User ID: bob, cyd" in told.stderr
    assert "left out" not in told.stderr
