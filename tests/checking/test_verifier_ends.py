"""How verifiers, templates and nurseries end: at most one verdict is lost, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.checking.verifier import Verifier
from grader.records import Finding, NoVerdict, Outcome, Submission, Verdict
from grader.sandbox.nursery import NAMESPACES
from tests.checking.verdicts import by_check, outcomes
from tests.processes import appears, below, ended, told_apart, words_of
from tests.sample_course import SAMPLE, copied_checking, solved, stubs

KILLING = '''


@points(1, part="q1a")
def test_kills(submission):
    """Ends its own process for who says so."""
    import os, signal

    if submission.half([1]).tolist() == [7.0]:
        os.kill(os.getpid(), signal.SIGKILL)
'''


def test_a_fork_that_dies_is_a_lost_verdict_and_the_next_one_is_there(tmp_path: Path) -> None:
    """A check that kills its verifier costs that verdict; the template goes on."""
    folder = copied_checking(tmp_path / "course", KILLING)
    killed = solved(q1='def half(x):\n    return np.array([7.0], "float32")\n')
    with closing(Verifier(folder, "hw1", trusted=True)) as started:
        assert isinstance(started.grade(Submission("s1", "", killed), 0), NoVerdict)
        assert outcomes(started.grade(Submission("s2", "", solved()), 0)) == ["passed"] * 6
        assert started.alive


REMEMBERING = '''

import os
import random

import numpy as np
import pytest
import torch

from grader import points

kept = []


@pytest.fixture
def opened(submission):
    """Cannot be had for one hand-in."""
    if submission.half([1]).tolist() == [7.0]:
        raise OSError("a disk of ours")


@points(1, part="q1a")
def test_draws(submission):
    """What the libraries' own generators give next."""
    assert False, f"{random.random()} {np.random.rand()} {torch.rand(1).item()}"


@points(1, part="q1a")
def test_says_who(submission):
    """Which process judges; it grows for one hand-in."""
    if submission.half([1]).tolist() == [8.0]:
        kept.append(np.ones(1 << 27))
    assert False, str(os.getpid())


@points(1, part="q1a")
def test_with_a_fixture(submission, opened):
    """Passes where its fixture can be had."""
'''


def answering(half: float) -> dict[str, bytes]:
    return solved(q1=f'def half(x):\n    return np.array([{half}], "float32")\n')


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifier]:
    """A verifier whose checks tell in which process they run, and what that process remembers."""
    folder = copied_checking(tmp_path_factory.mktemp("remembering") / "course", REMEMBERING)
    started = Verifier(folder, "hw1", trusted=True)
    yield started
    started.close()


def told(verifier: Verifier, half: float = 1.0) -> dict[str, Finding]:
    return by_check(verifier.grade(Submission("s", "", answering(half)), 0))


def test_a_verifier_judges_one_submission_after_another_and_remembers_nothing(remembering: Verifier) -> None:
    """The same process; its generators start anew for every check, and no finding of another's is taken for theirs."""
    first, second, third = told(remembering), told(remembering, 7.0), told(remembering)

    assert first["test_says_who"].message == second["test_says_who"].message == third["test_says_who"].message
    assert first["test_draws"].message == second["test_draws"].message == third["test_draws"].message
    assert [each["test_with_a_fixture"].outcome for each in (first, second, third)] == [
        Outcome.PASSED,
        Outcome.UNGRADED,
        Outcome.PASSED,
    ]


def test_a_verifier_that_has_grown_makes_room_for_a_fresh_one(remembering: Verifier) -> None:
    """What a check forgot to give back costs nobody else; the verdict itself is as good as any."""
    before, grown, after = told(remembering), told(remembering, 8.0), told(remembering)

    assert grown["test_says_who"].message == before["test_says_who"].message
    assert after["test_says_who"].message != before["test_says_who"].message


def test_an_idle_verifier_that_was_killed_costs_one_try(remembering: Verifier) -> None:
    """The verdict is lost, and the next try has a fresh verifier of the same template."""
    os.kill(int(told(remembering)["test_says_who"].message.en), signal.SIGKILL)

    lost = remembering.grade(Submission("s", "", solved()), 0)

    assert isinstance(lost, NoVerdict)
    assert lost.why.startswith("It hung up")
    assert remembering.alive
    assert told(remembering)


def test_without_its_nursery_a_template_is_given_up() -> None:
    """No verdict is made of a nursery's end: it is lost, and the template with it, so that a whole one is started."""
    with closing(Verifier(SAMPLE, "hw1", trusted=True)) as started:
        assert outcomes(started.grade(Submission("s", "", solved()), 0)) == ["passed"] * 5
        nurseries = told_apart(below(started._process.pid, at_least=2), lambda words: b"sandbox.nursery" in words)
        os.kill(next(iter(nurseries)), signal.SIGKILL)
        assert ended(nurseries)  # its workers with it, and whoever waits in its place

        assert isinstance(started.grade(Submission("s", "", solved()), 0), NoVerdict)
        assert not started.alive


SLOW = """
import time

def mean(x):
    began = time.monotonic()
    while time.monotonic() < began + 3:
        pass
    return sum(x) / len(x)
"""


def test_a_worker_that_somebody_kills_costs_its_student_nothing() -> None:
    """The check is run a second time, in a fresh worker."""
    slow = solved(q1=SLOW)
    started = Verifier(SAMPLE, "hw1", trusted=True)
    found: list[Verdict | NoVerdict] = []
    asked = threading.Thread(target=lambda: found.append(started.grade(Submission("s", "", slow), 0)))
    try:
        asked.start()
        family = below(started._process.pid, at_least=4 if started.isolation == NAMESPACES else 3)
        os.kill(max(pid for pid in family if b"sandbox.nursery" in words_of(pid)), signal.SIGKILL)
        asked.join()

        assert outcomes(found[0]) == ["passed"] * 5
    finally:
        started.close()


def test_closing_leaves_no_process_behind() -> None:
    """Template, nursery, workers and verifiers have all ended when `close` returns, even in the middle of a check."""
    started = Verifier(SAMPLE, "hw1", trusted=True)
    endless = solved(q1="def mean(x):\n    while True:\n        pass\n")
    asked = threading.Thread(target=started.grade, args=(Submission("s", "", endless), 0))
    asked.start()
    template = started._process.pid
    family = below(template, at_least=3)  # nursery, verifier, worker

    started.close()
    asked.join()

    assert not started.alive
    assert ended(family)


DEAF = '''


@points(1, part="q1a")
def test_deaf(submission):
    """A library of ours computes: no signal and no end of a peer is seen meanwhile."""
    import ctypes
    import pathlib
    import signal

    pathlib.Path(MARK).write_text("here")
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    ctypes.PyDLL(None).sleep(150)
'''


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_no_verifier_outlives_its_template(tmp_path: Path, end: str) -> None:
    """What a verifier computes at that moment holds up nobody: it ends at once, however its template does."""
    mark = tmp_path / "mark"
    folder = copied_checking(tmp_path / "course", DEAF.replace("MARK", repr(str(mark))))
    started = Verifier(folder, "hw1", trusted=True)
    asked = threading.Thread(target=started.grade, args=(Submission("s", "", stubs()), 0))
    asked.start()
    try:
        appears(mark)
        family = below(started._process.pid)
        if end == "killed":
            started._process.kill()
        else:
            started.close()

        assert ended(family)
    finally:
        started.close()
        asked.join()


def test_a_template_that_is_killed_is_noticed() -> None:
    """A verdict asked of a dead template is none; nothing hangs."""
    with closing(Verifier(SAMPLE, "hw1", trusted=True)) as started:
        family = below(started._process.pid, at_least=1)
        os.kill(started._process.pid, signal.SIGKILL)
        started._process.wait()

        assert isinstance(started.grade(Submission("s", "", solved()), 0), NoVerdict)
        assert not started.alive
        assert ended(family)  # the nursery sees that nobody asks any more
