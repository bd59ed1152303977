"""Everything that can go wrong for a reason that a person can mend, each said in one sentence.

GraderError                 wrong use: the command line prints the sentence and exits with status 2
├── CourseError             the course's own files are not as they should be
│   └── NoCourseError       there is none here
├── ArchiveError            a hand-in's archive or notebook is refused
├── DataError               a data set is missing, damaged, or cannot be fetched
├── WireError               bytes that are not a frame of ours, or a value over the wire's limits
│   └── NotSerializable          a value that the wire does not carry (grader/sandbox/refused.py)
└── IsolationError          this machine cannot shut student code in as far as was asked
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.records import Text


class GraderError(Exception):
    """One clear sentence: what was asked, what came, what to do."""


class CourseError(GraderError):
    """A course, assignment, question, check or stub that is not as it should be."""


class NoCourseError(CourseError):
    """No course where one was looked for."""


class ArchiveError(GraderError):
    """A hand-in that cannot be read as what it claims to be; the student's checks get `told` as their message."""

    def __init__(self, told: Text) -> None:
        super().__init__(told)
        self.told = told


class DataError(GraderError):
    """A data set that is missing, damaged, or out of reach."""


class WireError(GraderError):
    """A frame or value that breaks the wire's rules."""


class IsolationError(GraderError):
    """An isolation level that this machine does not give."""
