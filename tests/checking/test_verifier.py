"""The verifier from the instructor's side: one template, many verdicts, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.checking.verifier import Verifier
from grader.errors import CourseError, IsolationError
from grader.records import Finding, Outcome, Submission, Verdict
from grader.sandbox.nursery import NAMESPACES, NOTHING
from tests.processes import appears, below, ended, told_apart, words_of
from tests.sample_course import SAMPLE, copied, solved, stubs


def outcomes(verdict: Verdict | None) -> list[str]:
    assert verdict is not None
    return [str(finding.outcome) for finding in verdict.findings]


def test_the_checks_are_collected_in_the_assignment_s_order(verifier: Verifier) -> None:
    """What every check says of itself, known before anything is graded."""
    assert [(c.id, c.part, c.points, c.bonus) for c in verifier.checks] == [
        ("test_mean", "q1a", 2, False),
        ("test_columns", "q1b", 2, False),
        ("test_half", "q1c", 1, False),
        ("test_table", "q2a", 3, False),
        ("test_total", "q2b", 1, True),
    ]
    assert verifier.checks[0].says.fa == "میانگین هر سطر درست است."


def test_solution_stub_and_nothing(verifier: Verifier) -> None:
    """The three hand-ins whose verdict everybody knows."""
    assert outcomes(verifier.grade(Submission("s", "", solved()), 0)) == ["passed"] * 5
    assert outcomes(verifier.grade(Submission("s", "", stubs()), 0)) == ["unwritten"] * 5
    assert outcomes(verifier.grade(Submission("s", "", {}), 0)) == ["unwritten"] * 5


def test_a_verdict_does_not_depend_on_what_was_graded_before(verifier: Verifier) -> None:
    """A hand-in that changes whatever it reaches leaves the next one as it would be."""
    meddler = solved(q1="import numpy\nnumpy.mean = numpy.sum = None\nimport builtins\nbuiltins.sum = None\n")
    before = verifier.grade(Submission("s", "", solved()), 0)
    verifier.grade(Submission("x", "", meddler), 0)

    after = verifier.grade(Submission("s", "", solved()), 0)

    assert before is not None
    assert after is not None
    assert [f.message for f in after.findings] == [f.message for f in before.findings]
    assert outcomes(after) == ["passed"] * 5


def test_several_verdicts_at_a_time(verifier: Verifier) -> None:
    """Threads may share one verifier; each gets the verdict on its own submission."""
    found: dict[str, list[str]] = {}

    def ask(student: str, files: dict[str, bytes]) -> None:
        found[student] = outcomes(verifier.grade(Submission(student, "", files), 0))

    asked = {f"s{n}": solved() if n % 2 else stubs() for n in range(6)}
    threads = [threading.Thread(target=ask, args=pair) for pair in asked.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {f"s{n}": ["passed" if n % 2 else "unwritten"] * 5 for n in range(6)}


def test_each_variant_has_its_own_right_answer(verifier: Verifier) -> None:
    """The solution of variant 0 is wrong for variant 1, and is told as another student's numbers."""
    own = solved(q2='GIVEN = {"a": (3, 7), "b": [2, 6, 8]}')

    assert outcomes(verifier.grade(Submission("s", "", own), 1)) == ["passed"] * 5
    verdict = verifier.grade(Submission("s", "", solved()), 1)
    assert verdict is not None
    table = verdict.findings[3]
    assert table.outcome is not Outcome.PASSED
    assert table.hints == ("variant",)


def test_one_s_own_numbers_are_not_taken_for_another_s(verifier: Verifier) -> None:
    """A miscount may be right for somebody else by chance; whose table is right has used the right numbers."""
    miscounted = solved(q2="def total():\n    return 160\n")  # (3 + 7) (2 + 6 + 8): variant 1's

    verdict = verifier.grade(Submission("s", "", miscounted), 0)

    assert verdict is not None
    assert [str(finding.outcome) for finding in verdict.findings[3:]] == ["passed", "failed"]
    assert verdict.findings[4].hints == ()


SLIPS = """

@points(1, part="q1a")
def test_slip(submission):
    \"\"\"Something of ours that is not there.\"\"\"
    assert submission.mean([1.0]) == {}["a key"]


@points(1, part="q1a")
def test_form(submission):
    \"\"\"The mean has no parts.\"\"\"
    assert submission.mean([1.0, 1.0]) + 0 == close(1.0)
"""


def found_by(checks: str, files: dict[str, bytes], folder: Path) -> dict[str, Finding]:
    """What q1's checks find in a hand-in, with these after them."""
    course = copied(folder / "course")
    with (course / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
        file.write(checks)
    started = Verifier(course, "hw1", trusted=True, questions=["q1_rows"])
    try:
        verdict = started.grade(Submission("s", "", files), 0)
    finally:
        started.close()
    assert verdict is not None
    return {finding.check.id: finding for finding in verdict.findings}


def test_a_slip_of_ours_is_no_zero(tmp_path: Path) -> None:
    """A check that breaks over our solution too is the author's to mend; what an answer alone breaks is judged."""
    found = found_by(SLIPS, solved(q1='def mean(x):\n    return "four"\n'), tmp_path)

    assert [str(found[name].outcome) for name in ("test_slip", "test_form")] == ["ungraded", "failed"]


PYTESTS_OWN = """
import pytest

import grader.checking.plugin

grader.checking.plugin.CHECK_SECONDS = 1


@points(1, part="q1a")
def test_fails(submission):
    \"\"\"The mean is two.\"\"\"
    if submission.mean([1.0]) != 2:
        pytest.fail("It is two.")


@points(1, part="q1a")
def test_raises(submission):
    \"\"\"Nothing has no mean.\"\"\"
    with pytest.raises(Exception):
        submission.mean([1.0])


@points(1, part="q1a")
def test_skips(submission):
    \"\"\"It is skipped.\"\"\"
    pytest.skip("not today")


@points(1, part="q1a")
def test_dear(submission):
    \"\"\"The mean is not large.\"\"\"
    for n in range(10 ** 12 if submission.mean([1.0]) == 4 else 1):
        pass
"""


def test_what_pytest_raises_itself_is_judged(tmp_path: Path) -> None:
    """pytest.fail is a wrong answer, a skipped check nobody's, and one without end the answer's that caused it."""
    found = found_by(PYTESTS_OWN, solved(q1="def mean(x):\n    return 4\n"), tmp_path)

    assert [str(found[f"test_{name}"].outcome) for name in ("fails", "raises", "skips", "dear")] == [
        "failed", "failed", "ungraded", "failed",
    ]  # fmt: skip
    assert found["test_fails"].message.en == "It is two."
    assert found["test_raises"].message.en == "Nothing has no mean."


def test_inputs_are_fresh_for_each_student_and_the_same_at_every_regrade(verifier: Verifier) -> None:
    """A hand-in that holds one student's inputs by heart is of no use to another."""
    recorder = solved(q1="def mean(x):\n    raise ValueError(repr(float(x[0])))\n")

    def told(student: str) -> str:
        verdict = verifier.grade(Submission(student, "", recorder), 0)
        assert verdict is not None
        return verdict.findings[0].message.en

    assert told("s1") == told("s1")
    assert told("s1") != told("s2")


def test_a_fork_that_dies_is_a_lost_verdict_and_the_next_one_is_there(tmp_path: Path) -> None:
    """A check that kills its verifier costs that verdict; the template goes on."""
    folder = copied(tmp_path / "course")
    with (folder / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
        file.write(
            '\n\n@points(1, part="q1a")\ndef test_kills(submission):\n    """Ends its own process for who says so."""\n'
            "    import os, signal\n\n    if submission.half([1]).tolist() == [7.0]:\n"
            "        os.kill(os.getpid(), signal.SIGKILL)\n"
        )
    killed = solved(q1='def half(x):\n    return np.array([7.0], "float32")\n')
    started = Verifier(folder, "hw1", trusted=True)
    try:
        assert started.grade(Submission("s1", "", killed), 0) is None
        assert outcomes(started.grade(Submission("s2", "", solved()), 0)) == ["passed"] * 6
        assert started.alive
    finally:
        started.close()


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
    folder = copied(tmp_path_factory.mktemp("remembering") / "course")
    with (folder / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
        file.write(REMEMBERING)
    started = Verifier(folder, "hw1", trusted=True)
    yield started
    started.close()


def told(verifier: Verifier, half: float = 1.0) -> dict[str, Finding]:
    verdict = verifier.grade(Submission("s", "", answering(half)), 0)
    assert verdict is not None
    return {finding.check.id: finding for finding in verdict.findings}


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

    assert remembering.grade(Submission("s", "", solved()), 0) is None
    assert remembering.loss.startswith("It hung up")
    assert remembering.alive
    assert told(remembering)


def test_without_its_nursery_a_template_is_given_up() -> None:
    """No verdict is made of a nursery's end: it is lost, and the template with it, so that a whole one is started."""
    started = Verifier(SAMPLE, "hw1", trusted=True)
    try:
        assert outcomes(started.grade(Submission("s", "", solved()), 0)) == ["passed"] * 5
        nurseries = told_apart(below(started._process.pid, at_least=2), lambda words: b"sandbox.nursery" in words)
        os.kill(next(iter(nurseries)), signal.SIGKILL)
        assert ended(nurseries)  # its workers with it, and whoever waits in its place

        assert started.grade(Submission("s", "", solved()), 0) is None
        assert not started.alive
    finally:
        started.close()


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
    found: list[Verdict | None] = []
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
    folder, mark = copied(tmp_path / "course"), tmp_path / "mark"
    with (folder / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
        file.write(DEAF.replace("MARK", repr(str(mark))))
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
    started = Verifier(SAMPLE, "hw1", trusted=True)
    try:
        family = below(started._process.pid, at_least=1)
        os.kill(started._process.pid, signal.SIGKILL)
        started._process.wait()

        assert started.grade(Submission("s", "", solved()), 0) is None
        assert not started.alive
        assert ended(family)  # the nursery sees that nobody asks any more
    finally:
        started.close()


REFUSED = {
    "a check that says too little": (
        "test_q1_rows.py",
        '\n\ndef test_more(submission):\n    """More."""\n',
        r"test_q1_rows\.py: test_more has no @points: say what the check is worth and for which part\.",
    ),
    "a check that cannot be read": (
        "test_q1_rows.py",
        '\n\n@points(0.3, part="q1a")\ndef test_more(submission):\n    """More."""\n',
        r"test_q1_rows\.py cannot be read: ValueError: @points\(0\.3\): a positive multiple of 0\.25 was asked",
    ),
    "an error whose name begins with an E": (
        "test_q1_rows.py",
        '\nraise EOFError("too short")\n',
        r"test_q1_rows\.py cannot be read: EOFError: too short$",
    ),
    "a solution that is not Python": (
        "q1_rows.py",
        "\ndef mean(:\n",
        r"solutions/hw1/q1_rows\.py:\d+: invalid syntax: the question is not Python\.",
    ),
    "a solution that cannot be imported": (
        "q1_rows.py",
        "\nimport numpi\n",
        r"The hidden checks could not be loaded: ModuleNotFoundError: No module named 'numpi'\.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_judge_is_refused_before_anything_is_graded(course_folder: Path, case: str) -> None:
    """One sentence that names the file; no half of a run."""
    name, text, sentence = REFUSED[case]
    with (course_folder / "solutions" / "hw1" / name).open("a", encoding="utf-8") as file:
        file.write(text)

    with pytest.raises(CourseError, match=sentence) as raised:
        Verifier(course_folder, "hw1", trusted=True)

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("change", ["gone", "empty", "renamed"])
def test_a_part_without_a_check_is_refused(course_folder: Path, change: str) -> None:
    """It would be worth nothing, and no student or instructor would be told; other questions can be worked on."""
    path = course_folder / "solutions" / "hw1" / "test_q2_table.py"
    if change == "gone":
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8").replace("def test_total", "def check_total")
        path.write_text(text if change == "renamed" else "", encoding="utf-8")
    left = "q2b" if change == "renamed" else "q2a, q2b"

    with pytest.raises(CourseError, match=rf"test_q2_table\.py has no check of {left}: write a function test_\.\.\. "):
        Verifier(course_folder, "hw1", trusted=True)

    started = Verifier(course_folder, "hw1", trusted=True, questions=["q1_rows"])
    started.close()


def test_a_template_that_cannot_even_start_says_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter without the packages, say: what it wrote at last is the reason given."""
    monkeypatch.setattr("sys.executable", "/bin/false")

    with pytest.raises(CourseError, match="The hidden checks could not be loaded: "):
        Verifier(SAMPLE, "hw1", trusted=True)


def test_an_unknown_assignment_is_refused() -> None:
    """The template answers as the course does."""
    with pytest.raises(CourseError, match="There is no assignment hw9"):
        Verifier(SAMPLE, "hw9", trusted=True)


def without(*levels: int) -> str:
    """A template's program on a machine where these isolation levels fail."""
    return (
        "import sys\n"
        "from grader.checking import template\n"
        "from grader.errors import IsolationError\n"
        "from grader.sandbox import isolation\n"
        "finish = isolation.finish_nursery\n"
        "def fails(process, link, name):\n"
        f"    if int(process.args[-2]) in {levels}:\n"
        "        process.kill()\n"
        "        process.wait()\n"
        "        raise IsolationError('it is not allowed here')\n"
        "    return finish(process, link, name)\n"
        "isolation.finish_nursery = fails\n"
        "from grader.sandbox.session import begin_nursery\n"
        "sys.exit(template.main(int(sys.argv[1]), begin_nursery(3)))\n"
    )


def test_without_isolation_strangers_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither namespaces nor Landlock work, a run needs a word of trust; the sentence says which."""
    popen = subprocess.Popen

    def elsewhere(words: list[str], **more: Any) -> subprocess.Popen[bytes]:
        return popen([words[0], "-P", "-c", without(3, 2), words[-1]], **more)

    monkeypatch.setattr("grader.checking.verifier.subprocess.Popen", elsewhere)

    with pytest.raises(
        IsolationError, match=r"level 3: it is not allowed here; level 2: .*--i-trust-these-submissions"
    ):
        Verifier(SAMPLE, "hw1")
    trusting = Verifier(SAMPLE, "hw1", trusted=True)
    try:
        assert trusting.isolation == NOTHING
        assert outcomes(trusting.grade(Submission("s", "", solved()), 0)) == ["passed"] * 5
    finally:
        trusting.close()
