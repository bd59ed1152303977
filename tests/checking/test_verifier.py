"""The verifier from the instructor's side: one template, many verdicts, and what it refuses to begin with."""

from __future__ import annotations

import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grader.checking.verifier import Verifier
from grader.errors import CourseError, IsolationError
from grader.records import Finding, Outcome, Submission
from grader.sandbox.nursery import NOTHING
from tests.checking.verdicts import by_check, outcomes
from tests.sample_course import SAMPLE, copied_checking, solved, stubs


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
    table = by_check(verifier.grade(Submission("s", "", solved()), 1))["test_table"]
    assert table.outcome is not Outcome.PASSED
    assert table.hints == ("variant",)


def test_one_s_own_numbers_are_not_taken_for_another_s(verifier: Verifier) -> None:
    """A miscount may be right for somebody else by chance; whose table is right has used the right numbers."""
    miscounted = solved(q2="def total():\n    return 160\n")  # (3 + 7) (2 + 6 + 8): variant 1's

    found = by_check(verifier.grade(Submission("s", "", miscounted), 0))

    assert (found["test_table"].outcome, found["test_total"].outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert found["test_total"].hints == ()


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
    course = copied_checking(folder / "course", checks)
    with closing(Verifier(course, "hw1", trusted=True, questions=["q1_rows"])) as started:
        return by_check(started.grade(Submission("s", "", files), 0))


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


@pytest.fixture
def dear(submission):
    for n in range(10 ** 12 if submission.mean([1.0]) == 4 else 1):
        pass


@points(1, part="q1a")
def test_dear_before(dear):
    \"\"\"The mean is not large.\"\"\"
"""


@pytest.mark.parametrize("mean", [4, 2])
def test_a_verifier_that_was_stopped_judges_nobody_else(tmp_path: Path, mean: int) -> None:
    """It may have been about to hear of a worker, which would be the next student's; others stay."""
    course = copied_checking(tmp_path / "course", PYTESTS_OWN)
    with closing(Verifier(course, "hw1", trusted=True, questions=["q1_rows"])) as started:
        asked = [check for check in started.checks if check.id == "test_dear"]
        hand_in = Submission("s", "", solved(q1=f"def mean(x):\n    return {mean}\n"))

        assert started.grade(hand_in, 0, only=asked) is not None
        assert len(started._idle) == (mean != 4)


def test_what_pytest_raises_itself_is_judged(tmp_path: Path) -> None:
    """pytest.fail is a wrong answer, a skipped check nobody's, and one without end the answer's that caused it."""
    found = found_by(PYTESTS_OWN, solved(q1="def mean(x):\n    return 4\n"), tmp_path)

    assert [str(found[f"test_{name}"].outcome) for name in ("fails", "raises", "skips", "dear", "dear_before")] == [
        "failed", "failed", "ungraded", "failed", "ungraded",
    ]  # fmt: skip
    assert found["test_fails"].message.en == "It is two."
    assert found["test_raises"].message.en == "Nothing has no mean."


def test_inputs_are_fresh_for_each_student_and_the_same_at_every_regrade(verifier: Verifier) -> None:
    """A hand-in that holds one student's inputs by heart is of no use to another."""
    recorder = solved(q1="def mean(x):\n    raise ValueError(repr(float(x[0])))\n")

    def told(student: str) -> str:
        return by_check(verifier.grade(Submission(student, "", recorder), 0))["test_mean"].message.en

    assert told("s1") == told("s1")
    assert told("s1") != told("s2")


REFUSED = {
    "a check that says too little": (
        "test_q1_rows.py",
        '\n\ndef test_more(submission):\n    """More."""\n',
        r"test_q1_rows\.py: test_more has no @points: say what the check is worth and for which part\.",
    ),
    "a check that cannot be read": (
        "test_q1_rows.py",
        '\n\n@points(0.3, part="q1a")\ndef test_more(submission):\n    """More."""\n',
        r"test_q1_rows\.py:\d+ cannot be read: ValueError: @points\(0\.3\): a positive multiple of 0\.25 was asked",
    ),
    "an error whose name begins with an E": (
        "test_q1_rows.py",
        '\nraise EOFError("too short")\n',
        r"test_q1_rows\.py:\d+ cannot be read: EOFError: too short$",
    ),
    "checks that are not Python": (
        "test_q1_rows.py",
        "\nright = {\n",
        r"^test_q1_rows\.py:\d+ cannot be read: SyntaxError: '\{' was never closed$",
    ),
    "checks that import what is not there": (
        "test_q1_rows.py",
        "\nimport numpi\n",
        r"^test_q1_rows\.py:\d+ cannot be read: ModuleNotFoundError: No module named 'numpi'$",
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
        "def fails(begun):\n"
        f"    if int(begun.process.args[-2]) in {levels}:\n"
        "        begun.process.kill()\n"
        "        begun.process.wait()\n"
        "        raise IsolationError('it is not allowed here')\n"
        "    return finish(begun)\n"
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
    with closing(Verifier(SAMPLE, "hw1", trusted=True)) as trusting:
        assert trusting.isolation == NOTHING
        assert outcomes(trusting.grade(Submission("s", "", solved()), 0)) == ["passed"] * 5
