"""`grader verify`: what is claimed of a question is proved, and each untrue claim is named."""

from __future__ import annotations

import re
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from grader.authoring.verify import Expected, expectations, given_away, prove
from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.errors import CourseError
from grader.phrases import PERSIAN_DIGITS
from grader.records import Check, Finding, NoVerdict, Outcome, Submission, Text, Verdict
from tests.sample_course import sample

HEAD = "def mean(x):\n    return np.sum(x)\n"


def told(mistake: str, verifier: Verifier, folder: Path) -> str:
    """What the proof of this mistake of q1_rows says, "" if it holds."""
    hw1 = find_course(folder).assignment("hw1")
    question = hw1.question("q1_rows")
    for path in question.mistakes:
        path.unlink()
    (question.source.parent / "mistakes" / "q1_rows" / "tried.py").write_text(mistake, encoding="utf-8")
    proofs = {proof.name: proof for proof in prove([question], verifier)}
    assert not proofs["solution"].faults
    return "\n".join(proofs["tried"].faults)


def test_the_sample_proves_itself(verifier: Verifier) -> None:
    """Both questions: the solution has everything, the stub nothing, each mistake its hint and share."""
    _, hw1 = sample()

    proofs = list(prove(list(hw1.questions), verifier))

    assert [(p.name, p.faults) for p in proofs if p.faults] == []
    assert [p.name for p in proofs if p.question == "q1_rows"] == [
        *("solution", "stub", "double_precision", "rows_for_columns", "sum_for_mean")
    ]
    assert [p.name for p in proofs if p.question == "q2_table"][-2:] == ["variant 1", "variant 2"]


def test_a_check_that_holds_for_one_variant_alone_is_named(course_folder: Path) -> None:
    """The solution earns everything with the numbers of each variant: whoever has other ones is judged by them."""
    hw1 = find_course(course_folder).assignment("hw1")
    question = hw1.question("q2_table")
    with question.checks.open("a", encoding="utf-8") as file:
        file.write('\n\n@points(1, part="q2b")\ndef test_typed(submission):\n    """It is 90."""\n')
        file.write("    assert submission.total() == close(90)\n")
    with closing(Verifier(course_folder, "hw1", trusted=True, questions=[question.id])) as own:
        faults = {proof.name: proof.faults for proof in prove([question], own)}

    assert not faults["solution"]
    assert [faults[name][0] for name in ("variant 1", "variant 2")] == [
        "q2b earned 1/2 of its points, 1 was asked",
        "q2b earned 1/2 of its points, 1 was asked",
    ]


UNTRUE = {
    "another share": ('# expects: q1a -> "sum" 0.6\n', r"q1a earned 1/2 of its points, 3/5 was asked"),
    "another hint": ('# expects: q1a -> "axis" 0.5\n', r'q1a did not give the hint "axis"\ntest_mean partial: This is'),
    "another part": ('# expects: q1b -> "sum" 0.5\n', r"q1a earned 1/2 of its points, 1 was asked"),
    "no such part": ('# expects: q9 -> "sum" 0.5\n', r"it expects something of q9, which is no part of q1_rows"),
}


@pytest.mark.parametrize("case", UNTRUE)
def test_an_untrue_claim_is_named(verifier: Verifier, course_folder: Path, case: str) -> None:
    """Wrong share, wrong hint, wrong part: the proof says what was found instead."""
    line, sentence = UNTRUE[case]

    assert re.search(sentence, told(line + HEAD, verifier, course_folder))


def test_what_a_check_found_is_told_once(verifier: Verifier, course_folder: Path) -> None:
    """Where share and hint are both other ones, pytest's explanation stands below the two sentences."""
    said = told('# expects: q1a -> "axis" 0.6\n' + HEAD, verifier, course_folder)

    assert [line.partition(":")[0] for line in said.splitlines()[:3]] == [
        "q1a earned 1/2 of its points, 3/5 was asked",
        'q1a did not give the hint "axis"',
        "test_mean partial",
    ]
    assert said.count("test_mean partial") == said.count("expected ") == 1


TRUE = {
    "the hint's key": '# expects: q1a -> "sum" 0.5\n',
    "a piece of its sentence": '# expects: q1a -> "divide it by" 0.5\n',
    "the share alone": "# expects: q1a -> 0.5\n",
    "the hint alone": '# expects: q1a -> "sum"\n',
}


@pytest.mark.parametrize("case", TRUE)
def test_a_claim_may_name_hint_share_or_both(verifier: Verifier, course_folder: Path, case: str) -> None:
    """What is said must hold; what is not said may be anything but full."""
    assert told(TRUE[case] + HEAD, verifier, course_folder) == ""


def test_a_mistake_that_costs_nothing_is_none(verifier: Verifier, course_folder: Path) -> None:
    """A file that claims a mistake and earns everything is caught, stated share or not."""
    right = "def mean(x):\n    return float(np.mean(x))\n"

    assert "earned everything in spite of the mistake" in told(
        '# expects: q1a -> "sum"\n' + right, verifier, course_folder
    )


SENTENCES = {
    "the value itself": ("62006 were asked.", "expected 62006\ngot 61706", ["62006"]),
    "a rounded value": ("At 1 it should be 0.86.", "expected 0.8590277\ngot 0.5", ["0.86"]),
    "a cell of a table": ("The first is 352.", "expected {'conv1': 352, 'conv2': 2592}\ngot {}", ["352"]),
    "a value over several lines": ("Try -3.5.", "expected array([[1.5],\n       [-3.5]])\ngot None", ["3.5"]),
    "how many differ": ("5 of 20 entries differ, in row 2.", "expected [20, 5, 2]\ngot [1, 1, 1]", []),
    "where it differs": ("One entry differs, in row 4.", "expected [3.5, 4]\ngot [1, 1]", []),
    "a name in a table": ("conv3 and (16, 3) differ.", "expected {'conv3': 7, '(16, 3)': 8}\ngot {}", []),
    "the student's own value": ("At x = 1 yours gives 0.5.", "expected 0.8590277\ngot 0.5", []),
    "a small number": ("The half of 2 is missing.", "expected 2\ngot 1", []),
    "a rule's number": ("A byte goes up to 255.", "expected 0.25\ngot 64", []),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_number_of_the_right_answer_in_the_student_s_text_is_caught(case: str) -> None:
    """A hint teaches without the number; in the Persian sentence as in the English one."""
    english, detail, wanted = SENTENCES[case]
    persian = english.translate(PERSIAN_DIGITS).replace(" of ", " از ")
    check = Check("test_it", "q1_rows", "q1a", Fraction(1), False, Text("It is right."))

    for said in (Text(english), Text("It is wrong.", persian)):
        assert given_away(Finding(check, Outcome.FAILED, Fraction(0), said, detail)) == wanted
    assert given_away(Finding(check, Outcome.CRASHED, Fraction(0), Text(english), detail)) == []


def test_a_hint_that_gives_the_answer_away_is_no_hint(course_folder: Path) -> None:
    """The proof of a mistake fails where its sentence shows a number that was expected."""
    path = course_folder / "solutions" / "hw1" / "test_q2_table.py"
    text = path.read_text(encoding="utf-8").replace("products were asked.", "the last cell is 27.")
    path.write_text(text, encoding="utf-8")
    hw1 = find_course(course_folder).assignment("hw1")
    with closing(Verifier(course_folder, "hw1", trusted=True, questions=["q2_table"])) as verifier:
        proofs = {proof.name: proof for proof in prove([hw1.question("q2_table")], verifier)}

    (fault,) = proofs["sums_for_products"].faults
    assert fault == "test_table gives 27 away: The numbers were added; the last cell is 27."


def test_expectations_are_read_line_by_line(tmp_path: Path) -> None:
    """Several parts, with hint, share or both."""
    path = tmp_path / "mistake.py"
    path.write_text(
        '# expects: q1a -> "sum" 0.5\n# expects: q2.dF -> 5/6\n# expects: q2b -> "x"\nx = 1\n', encoding="utf-8"
    )

    assert expectations(path) == {
        "q1a": Expected("sum", Fraction(1, 2)),
        "q2.dF": Expected(None, Fraction(5, 6)),
        "q2b": Expected("x", None),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n", r'mistake\.py says nothing to expect: begin it with `# expects: q2\.dF -> "hint" 0\.6`'),
        ("# expects: q1a sum\n", r"mistake\.py:1: `# expects: .*` was asked, not `# expects: q1a sum`"),
        ('# expects: q1a -> "sum" half\n', r"mistake\.py:1: .*was asked"),
    ],
)
def test_a_claim_that_cannot_be_read_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    """A slip in the comment is not taken for no claim."""
    path = tmp_path / "mistake.py"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CourseError, match=sentence):
        expectations(path)


class Broken:
    """A verifier that judges nothing."""

    checks = ()

    def grade(self, *_: object, **__: object) -> NoVerdict:
        return NoVerdict("MemoryError")


def test_a_proof_without_a_verdict_is_no_proof() -> None:
    """If the verifier is lost, every proof fails and says why."""
    _, hw1 = sample()

    proofs = list(prove([hw1.questions[0]], Broken()))  # type: ignore[arg-type]

    assert {proof.faults for proof in proofs} == {("the verifier ended without a verdict MemoryError",)}


class Generous:
    """A verifier that finds nothing at all, as if a part had no check."""

    checks = ()

    def grade(self, submission: Submission, *_: object, **__: object) -> Verdict:
        return Verdict(submission.student, ())


def test_a_part_without_a_check_is_said() -> None:
    """assignment.toml lists a part that nobody checks."""
    _, hw1 = sample()

    solution = next(iter(prove([hw1.questions[1]], Generous())))  # type: ignore[arg-type]

    assert solution.faults == ("q2a has no check", "q2b has no check")
