"""Moodle's two uploads, read back as its documentation and its importers say."""

from __future__ import annotations

import csv
import io
import zipfile
from fractions import Fraction

import pytest

from grader.errors import GraderError
from grader.export import moodle
from grader.export.row import Row, rows_of, without_number
from grader.marks import Mark, Marks
from grader.roster import Student
from tests.pages.sample import a_run, a_sheet, marksheets

PEOPLE = {
    "s1": Student("s1", "Ada", "Love_lace", "ada@example.org", "4711"),
    "12345": Student("12345", lms_user_id="12345"),
    "99": Student("99"),
    "s3": Student("s3", "No", "Number"),
}


def rows(*students: str) -> list[Row]:
    marks = {"s1": Marks({"q1a.essay": Mark(Fraction(3, 2))}, Fraction(1))}
    return rows_of(marksheets([a_sheet(s) for s in students], [a_run(s) for s in students]), marks, PEOPLE)


def made(*students: str) -> dict[str, bytes]:
    return moodle.files(rows(*students), {student: f"page of {student}".encode() for student in students})


def worksheet(content: bytes) -> dict[int, str]:
    """participant number -> grade, as Moodle's importer of offline worksheets reads them.

    It asks for the columns Identifier, Grade and Last modified (grade), and takes what follows the word Participant.
    """
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(table[0])
    return {int(row["Identifier"].removeprefix("Participant ")): row["Grade"] for row in table}


def feedback_files(content: bytes) -> dict[int, tuple[str, bytes]]:
    """participant number -> (file, content), as Moodle's importer of feedback files reads a path.

    A piece of the path is name_number_plugintype_plugin and perhaps more, split at the first four underscores.
    """
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for path in archive.namelist():
            first, *rest = path.split("/")
            _, number, kind, plugin, *tail = first.split("_", 4)
            assert (kind, plugin) == ("assignsubmission", "file")
            found[int(number)] = ("/".join(filter(None, [*tail, *rest])), archive.read(path))
    return found


def test_the_worksheet_carries_the_final_grades() -> None:
    """A person's marks and the penalty counted, under the participant number of the download or the roster."""
    standings = {row.number: row.standing.score for row in rows("s1", "12345")}

    grades = worksheet(made("s1", "12345")["grades.csv"])

    assert {str(n): Fraction(grade) for n, grade in grades.items()} == standings
    assert standings["4711"] == standings["12345"] - 1  # the sample has no such essay: the penalty alone counts


def test_feedback_pages_find_their_students() -> None:
    """Even where a name has an underscore, at which Moodle splits."""
    assert feedback_files(made("s1", "12345")["feedback.zip"]) == {
        4711: ("feedback.html", b"page of s1"),
        12345: ("feedback.html", b"page of 12345"),
    }


def test_folders_are_named_as_in_moodle_s_download() -> None:
    """First Last_12345_assignsubmission_file_/."""
    with zipfile.ZipFile(io.BytesIO(made("s1")["feedback.zip"])) as archive:
        assert archive.namelist() == ["Ada Love lace_4711_assignsubmission_file_/feedback.html"]


def test_who_has_no_number_is_left_out_and_told() -> None:
    """The others are exported. An id of figures is no number of Moodle's: it may be another student's there."""
    assert worksheet(made("s1", "s3", "99")["grades.csv"]).keys() == {4711}
    assert without_number(rows("s1", "s3", "99")) == ["99", "s3"]


def test_with_no_number_at_all_nothing_is_made() -> None:
    """One sentence says where numbers come from."""
    with pytest.raises(GraderError, match=r"participant number .* lms_user_id, or --ids-are-numbers"):
        made("s3")


def test_the_same_class_is_the_same_bytes() -> None:
    """No clock in the archive."""
    assert made("s1") == made("s1")
