"""Moodle's assignment activity: the offline grading worksheet, and feedback files in one archive.

Docs: https://docs.moodle.org/en/Assignment_settings (feedback types *Offline grading worksheet* and *Feedback files*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.archives import zipped
from grader.errors import GraderError
from grader.export.row import Row, require_own_numbers
from grader.pages.table import csv_table

# Moodle looks for Identifier, Grade and Last modified (grade); the others are those of the worksheet that it hands out.
COLUMNS = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"]
COLUMNS += ["Last modified (submission)", "Last modified (grade)", "Feedback comments"]


def files(rows: Sequence[Row], pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """grades.csv and feedback.zip; `pages` are the feedback pages by student.

    Raises GraderError where no student has a participant number, or two the same. Who has none is left out.
    """
    require_own_numbers(rows)
    known = [row for row in rows if row.number]
    if not known:
        raise GraderError(
            "Moodle knows students by the participant number in its download's names, and none is known here: pass a "
            "--roster with the numbers as lms_user_id, or --ids-are-numbers where that download's hand-ins were "
            "collected without a roster."
        )
    lines = [COLUMNS]
    for row in known:
        status = "Submitted for grading - Graded"
        when = [row.sheet.get("submitted_at") or "-", "-"]
        lines.append(
            [f"Participant {row.number}", row.name, row.who.email, status, row.score, row.most, "Yes", *when, ""]
        )
    return {"grades.csv": csv_table(lines).encode(), "feedback.zip": _archive(known, pages)}


def _archive(rows: Sequence[Row], pages: Mapping[str, bytes]) -> bytes:
    """One folder a student, named as in Moodle's download: it splits the name at each _ and takes the second piece."""
    files = {}
    for row in rows:
        name = " ".join(row.name.replace("_", " ").replace("/", " ").replace("\\", " ").split())
        files[f"{name}_{row.number}_assignsubmission_file_/feedback.html"] = pages[row.who.id]
    return zipped(files)
