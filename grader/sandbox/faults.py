"""What student code did, raised by the proxy as the outcome that the check gets, and what was our own fault.

StudentFault                `text` is what the student reads
├── Unwritten               the stub's own NotImplementedError, a cell still ``...``, a missing function
├── Refused                 it returned something that may not cross (a set, a generator, 17 GiB of zeros)
└── Crashed                 it raised, hung, died or ran out of memory
    └── TooLong             it was over its time

NotSent                     a check's argument may not cross: ours, or what the student answered, handed on
Ungraded                    our own fault or missing data: never a zero, listed and graded again
"""

from __future__ import annotations

from grader.records import Outcome, Text


class StudentFault(Exception):
    """What the student's code did wrong; `text` is what the student reads."""

    outcome = Outcome.FAILED

    def __init__(self, text: Text, detail: str = "") -> None:
        super().__init__(text.en)
        self.text = text
        self.detail = detail


class Unwritten(StudentFault):
    """Nothing was written there yet."""

    outcome = Outcome.UNWRITTEN


class Refused(StudentFault):
    """The value may not cross the wire."""


class Crashed(StudentFault):
    """The student's code raised, hung, died or ran out of memory; `kind`: the exception's name, "Died", or ""."""

    outcome = Outcome.CRASHED

    def __init__(self, text: Text, detail: str = "", kind: str = "") -> None:
        super().__init__(text, detail)
        self.kind = kind


class TooLong(Crashed):
    """It was over its time: another thing than a TimeoutError that the student's code has raised."""

    def __init__(self, text: Text) -> None:
        super().__init__(text, kind="TimeoutError")


class NotSent(Exception):
    """A check's argument breaks the wire's rules; `text` names what may not cross."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Ungraded(Exception):
    """We could not judge: our fault, or a data set that is not here. `text` says why and what to do."""

    def __init__(self, text: Text, detail: str = "") -> None:
        super().__init__(text.en)
        self.text = text
        self.detail = detail


def of_nothing(said: str) -> bool:
    """Whether Python's own sentence is about None: where our code meets it, their function has returned nothing."""
    return "NoneType" in said
