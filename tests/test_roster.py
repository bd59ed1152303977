"""The roster: nbgrader's columns, and ids that can name files."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.roster import Student, read_roster


def test_a_row_is_a_student(tmp_path: Path) -> None:
    """Columns in any order, others ignored, a spreadsheet's mark at the start forgiven."""
    path = tmp_path / "class.csv"
    path.write_text("\ufeffemail,id,group,last_name\na@x.org, s1 ,7,علوی\n,s2,,\n", encoding="utf-8")

    assert read_roster(path) == (Student("s1", last_name="علوی", email="a@x.org"), Student("s2"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name;number\nJane;7\n",
            "has no column `id`: its first line has name;number; name that of the ids `id`; "
            "first_name, last_name, email, lms_user_id are read where they are there.",
        ),
        ("", "has no column `id`: its first line has none"),
        ("id;first_name\n;;\n", "has no student below its first line"),
        ("id\ns1\n\n../s2\n", "class.csv:4: '../s2' cannot be a student's id"),
        ("id,email\n,a@x.org\n", "class.csv:2: '' cannot be a student's id"),
        ("id\ns1\nS1\n", "class.csv:3: S1 and s1 cannot be told apart"),
        ("id\ns1\ns2\ns1\n", "class.csv:4: s1 is in the roster twice; keep one line."),
        ("id,lms_user_id\ns1,7\ns2,\ns3,\ns4, 7\n", "class.csv:5: s4 and s1 have one lms_user_id, 7."),
    ],
)
def test_a_roster_that_is_none_is_said_as_such(tmp_path: Path, text: str, said: str) -> None:
    """The file and the line to mend are named."""
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(GraderError, match=r"class\.csv") as told:
        read_roster(path)

    assert said in str(told.value)


def test_an_id_that_a_spreadsheet_has_spoilt(tmp_path: Path) -> None:
    """A student who is in use already has lost the zeros, or a long number is rounded; other numbers are ids."""
    path = tmp_path / "class.csv"
    path.write_text("id\n8\n7\n", encoding="utf-8")

    with pytest.raises(
        GraderError, match=r"class\.csv:3: 7 is no student's id, while 007 is: a spreadsheet drops zeros"
    ):
        read_roster(path, known=("008x", "007"))

    assert [student.id for student in read_roster(path, known=("7", "007"))] == ["8", "7"]
    path.write_text("id\n1.23457E+11\n", encoding="utf-8")
    with pytest.raises(GraderError, match="what a spreadsheet makes of a long number"):
        read_roster(path)


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, one in an encoding that has no mark, a quote that would swallow the students below it."""
    (tmp_path / "old.csv").write_bytes("id\nسارا\n".encode("cp1256"))
    (tmp_path / "open.csv").write_text('id,first_name\ns1,"Bo\ns2,Kim\ns3,Lu\n', encoding="utf-8")

    with pytest.raises(GraderError, match=r"old\.csv is no CSV file in UTF-8 .* save it as `CSV UTF-8`"):
        read_roster(tmp_path / "old.csv")
    with pytest.raises(GraderError, match=r"open\.csv, line 4: .* mend the quotes"):
        read_roster(tmp_path / "open.csv")
    with pytest.raises(GraderError, match=r"none\.csv cannot be read: No such file"):
        read_roster(tmp_path / "none.csv")
