"""Warming: what a parent does before it forks leaves nothing behind, and everything in its rehearsal is answered."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.warm import FORKING, REHEARSALS, rehearse
from grader.sandbox.worker import StudentResponder
from tests.sample_course import ROOT, python


def test_every_request_of_the_rehearsal_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is refused or raised, or children would be spared the wrong things; the module is forgotten again."""
    answers: list[dict[str, Any]] = []
    answer = StudentResponder.answer

    def noting(self: StudentResponder, request: dict[str, Any]) -> dict[str, Any]:
        answers.append(answer(self, request))
        return answers[-1]

    monkeypatch.setattr(StudentResponder, "answer", noting)
    rehearse()

    assert [a for a in answers if "value" not in a and "callable" not in a] == []
    assert len(answers) == REHEARSALS * 16
    assert "rehearsal" not in sys.modules


WARMED = """
import gc
from grader.sandbox.warm import ready_to_fork, warm
warm()
print(gc.isenabled(), end=" ")
ready_to_fork()
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
print(next(line.split()[1] for line in open("/proc/self/smaps_rollup") if line.startswith("AnonHugePages")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_warmed_parent_is_ready_to_fork() -> None:
    """The collector rests until then; memory lies on large pages where system and C library have them."""
    ended = python("-c", WARMED, cwd=ROOT, **FORKING)

    switches, kilobytes = ended.stdout.split("\n")[:2]
    assert switches == "False True True", ended.stderr
    allowed = "[never]" not in Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text(encoding="utf-8")
    library = os.confstr("CS_GNU_LIBC_VERSION") or "glibc 0.0"
    new_enough = tuple(map(int, library.split()[1].split("."))) >= (2, 35)
    assert (int(kilobytes) > 0) is (allowed and new_enough)
