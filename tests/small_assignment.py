"""A two-question assignment for tests of the steps before grading, and hand-ins to try on it."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from grader.course import Assignment, Question
from grader.records import HandIn, Submission, Text
from grader.unpack import unpack

MODULE = b"def total():\n    return 3\n"
STUBS = {
    "q1_sums": '''"""Sums."""

GIVEN = {"a": 1, "b": 2}


def total():
    """q1a: a and b together."""
    raise NotImplementedError("q1a: not written yet")


def shared():
    """q1b: asked twice."""
    raise NotImplementedError("q1b: not written yet")
''',
    "q2_rows": '''"""Rows."""

import math

GIVEN = {
    "x": [1, 2],
}
MODE: str = "rows"


class Table:
    """q2b: a table."""


def rows():
    """q2a: the rows."""
    raise NotImplementedError("q2a: not written yet")


def shared():
    """q2c: asked twice."""
    raise NotImplementedError("q2c: not written yet")
''',
}


def small_assignment(folder: Path) -> Assignment:
    """hw5 with q1_sums and q2_rows; their stubs are written into `folder`."""
    questions = []
    for name, stub in STUBS.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stub, encoding="utf-8")
        questions.append(Question(name, Text(name), path, path, folder / f"{name}.fa.toml", {}))
    return Assignment("hw5", folder, Text("Five"), tuple(questions), (), frozenset())


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with exactly these names in it, names with a final slash as folders."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return book.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w", dialect: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar with these plain files, "w:gz" and "w:xz" compressed."""
    book = io.BytesIO()
    with tarfile.open(fileobj=book, mode=mode, format=dialect) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return book.getvalue()


def unpacked(path: Path, assignment: Assignment) -> Submission:
    return unpack(HandIn("s1", path, "2026-10-01T00:00:00+00:00"), assignment)


def said(submission: Submission) -> list[str]:
    assert all(note.fa for note in submission.notes)
    return [note.en for note in submission.notes]
