"""The records that travel down the line, frozen: each step takes one and returns the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

DETAIL_LIMIT = 20_000  # characters
MESSAGE_LIMIT = 4_000  # characters, each language
PART = re.compile(r"^(q\w+(?:\.\w+)*):")  # how the docstring of a part's function begins
NOT_WRITTEN = "not written yet"


class Outcome(StrEnum):
    """What one check found."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNWRITTEN = "unwritten"  # the stub's own NotImplementedError, a cell still `...`, a missing function
    CRASHED = "crashed"  # the student's code raised, hung, died, ran out of memory
    UNGRADED = "ungraded"  # our fault or missing data: never a zero
    MANUAL = "manual"  # an essay, or a formula nobody could decide: waits for a person


def unwritten(part: str) -> str:
    """What the stub of a part raises as NotImplementedError: `q2.dF: not written yet`."""
    return f"{part}: {NOT_WRITTEN}"


@dataclass(frozen=True)
class Text:
    """One sentence in the course's two languages; `fa` falls back to English where it is empty."""

    en: str
    fa: str = ""

    def __str__(self) -> str:
        return self.en

    def in_language(self, lang: str) -> str:
        """The sentence in "en" or "fa"."""
        return self.fa if lang == "fa" and self.fa else self.en

    def about(self, whom: str) -> Text:
        """The same with a name before it."""
        return Text(f"{whom}: {self.en}", f"{whom}: {self.in_language('fa')}")

    def as_json(self) -> dict[str, str]:
        """Both sentences as marksheets have them."""
        return {"en": self.en, "fa": self.fa or self.en}


@dataclass(frozen=True)
class Check:
    """One hidden check: what it says (its docstring), what it is worth, and for which part."""

    id: str
    question: str
    part: str
    points: Fraction
    bonus: bool
    says: Text
    minutes: float = 0.0  # of training on these CPU threads; 0 for a check that trains nothing
    threads: int = 1
    gpu: bool = False  # whether it trains on a GPU where there is one

    @property
    def key(self) -> str:
        """Its name within the assignment, as in run files and the journal."""
        return f"{self.question}::{self.id}"

    def plain(self) -> dict[str, Any]:
        """Base types alone."""
        return {**vars(self), "says": self.says.as_json(), "points": list(self.points.as_integer_ratio())}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Check:
        """What `plain` gave, as a check again."""
        return cls(**{**plain, "points": Fraction(*plain["points"]), "says": Text(**plain["says"])})


@dataclass(frozen=True)
class Finding:
    """What one check found in one submission. `share` of the points is None for manual and ungraded.

    `message` is for the student; `detail` (expected values, pytest's explanation) and `hints` (the keys of what was
    recognised) are for the instructor alone. `figures`: name and PNG bytes for the feedback page.
    """

    check: Check
    outcome: Outcome
    share: Fraction | None
    message: Text = Text("")
    detail: str = ""
    hints: tuple[str, ...] = ()
    seconds: float = 0.0
    figures: tuple[tuple[str, bytes], ...] = ()
    trainings: tuple[Mapping[str, Any], ...] = ()  # that this check was the first to ask for
    data: Mapping[str, str] = field(default_factory=dict)  # data set -> official, images, stand-in, generated

    def plain(self) -> dict[str, Any]:
        """Base types alone, for the wire and for the journal; the check is named by whoever asked."""
        return {
            "outcome": str(self.outcome),
            "share": None if self.share is None else list(self.share.as_integer_ratio()),
            "message": {lang: _writable(text, MESSAGE_LIMIT) for lang, text in self.message.as_json().items()},
            "detail": _writable(self.detail, DETAIL_LIMIT),
            "hints": list(self.hints),
            "seconds": self.seconds,
            "figures": [list(figure) for figure in self.figures],
            "trainings": [dict(training) for training in self.trainings],
            "data": dict(self.data),
        }

    @classmethod
    def of(cls, check: Check, plain: Mapping[str, Any]) -> Finding:
        """What `plain` gave, of this check again."""
        return cls(
            check=check,
            outcome=Outcome(plain["outcome"]),
            share=None if plain["share"] is None else Fraction(*plain["share"]),
            message=Text(**plain["message"]),
            detail=plain["detail"],
            hints=tuple(plain["hints"]),
            seconds=plain["seconds"],
            figures=tuple((name, png) for name, png in plain["figures"]),
            trainings=tuple(plain["trainings"]),
            data=plain["data"],
        )


def _writable(text: str, limit: int) -> str:
    """The text, cut, without halves of surrogate pairs, which no file takes."""
    return text[:limit].encode(errors="replace").decode()


@dataclass(frozen=True)
class HandIn:
    """What one student handed in, as it lies on disk: a folder, an archive or a single file."""

    student: str
    path: Path
    submitted_at: str  # ISO 8601 with offset, "" if unknown


@dataclass(frozen=True)
class Submission:
    """One hand-in, opened: plain files by relative name. `notes` say what was graded and what was left out.

    `left_out` are those among them that the instructor should hear of too: what nobody could look into.
    """

    student: str
    submitted_at: str
    files: Mapping[str, bytes]
    notes: tuple[Text, ...] = ()
    left_out: tuple[Text, ...] = ()

    @property
    def sha256(self) -> str:
        return files_sha256(self.files)


def files_sha256(files: Mapping[str, bytes]) -> str:
    """The hash over names and contents in the order of names."""
    whole = sha256()
    for name in sorted(files):
        whole.update(name.encode() + b"\0" + sha256(files[name]).digest())
    return whole.hexdigest()


@dataclass(frozen=True)
class Task:
    """What is to be found out: these checks of this submission, under the student's variant."""

    submission: Submission
    variant: int
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Site:
    """Where submissions are graded: the checks there, its isolation level, and what it trains on."""

    checks: tuple[Check, ...]
    isolation: int
    gpu: str  # the card on which trainings run, "" for none
    remarks: tuple[str, ...]  # what an instructor should know of the machine, a sentence each


@dataclass(frozen=True)
class Verdict:
    """Everything that the verifier found for one submission: the step between check and score."""

    student: str
    findings: tuple[Finding, ...]
    seconds: float = 0.0

    @property
    def trainings(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(training for finding in self.findings for training in finding.trainings)

    @property
    def data(self) -> dict[str, str]:
        return {name: source for finding in self.findings for name, source in finding.data.items()}


@dataclass(frozen=True)
class NoVerdict:
    """There is no verdict: its verifier was killed, or ran over its deadline. `why`, where it could still say so."""

    why: str


@dataclass(frozen=True)
class Marksheet:
    """All outcomes of one submission added up into points: the stable JSON (schema 1) and the run file beside it."""

    student: str
    sheet: Mapping[str, Any]  # byte-identical at every regrade
    run: Mapping[str, Any]  # what differs from run to run
    figures: tuple[tuple[str, bytes], ...] = ()
