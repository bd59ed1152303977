"""From how a check ended to what the student reads: one outcome, one share, one message, and secrets apart."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.checking.finding import answers_fault, doubtful, finding_of
from grader.checking.ledger import Ledger, hint
from grader.errors import CourseError, DataError
from grader.phrases import phrase
from grader.records import Check, Finding, Outcome, Text
from grader.sandbox.faults import Crashed, Refused, Ungraded, Unwritten
from tests.sample_course import sample

CHECK = Check("test_mean", "q1_rows", "q1a", Fraction(2), False, Text("The mean of any row is right.", "میانگین."))
QUESTION = sample()[1].questions[0]
SUM = hint("sum", "This is the sum: divide it by how many there are.")
SUM_FA = "این مجموع است؛ آن را بر تعداد تقسیم کنید."


def found(book: Ledger | None = None, fault: BaseException | None = None) -> Finding:
    return finding_of(CHECK, QUESTION, book or Ledger(), fault)


def recognised(share: float) -> Ledger:
    book = Ledger()
    book.recognise(share, SUM if share < 1 else None)
    return book


def test_a_check_that_ends_well_passes_without_a_word() -> None:
    """Right is right: everything earned, nothing said."""
    finding = found(recognised(1))

    assert (finding.outcome, finding.share, finding.message) == (Outcome.PASSED, 1, Text(""))


@pytest.mark.parametrize(("share", "outcome"), [(0.6, Outcome.PARTIAL), (0, Outcome.FAILED)])
def test_a_recognised_mistake_earns_its_share_and_gives_its_hint(share: float, outcome: Outcome) -> None:
    """The hint's sentence in both languages, by its key in the question's Persian file."""
    finding = found(recognised(share))

    assert (finding.outcome, finding.share) == (outcome, Fraction(str(share)))
    assert finding.message == Text(SUM, SUM_FA)
    assert finding.hints == ("sum",)


def test_a_failed_assertion_earns_nothing_whatever_was_recognised_before() -> None:
    """Half an answer right and the rest wrong is not half the points: a deduction is a check of its own."""
    finding = found(recognised(0.5), AssertionError("assert 1 == 2"))

    assert (finding.outcome, finding.share) == (Outcome.FAILED, 0)


def test_the_message_is_the_hint_before_everything() -> None:
    """A hint teaches; what differs is only said where nothing was recognised."""
    book = Ledger(hints=[SUM])
    book.differ(Text("5 of 20 entries differ."), "expected [1, 2]")

    assert found(book, AssertionError("assert a == close(b)")).message.en == SUM


def test_then_comes_what_the_comparer_says() -> None:
    """Where and how it differs, without the value that was expected."""
    book = Ledger()
    book.differ(Text("5 of 20 entries differ."), "expected [1, 2]")
    finding = found(book, AssertionError("an own sentence\nassert 2 == close(3)"))

    assert finding.message.en == "5 of 20 entries differ."
    assert "expected [1, 2]" in finding.detail


def test_then_the_author_s_own_sentence() -> None:
    """`assert condition, "sentence"`: pytest's explanation after it is the instructor's."""
    finding = found(None, AssertionError("Ten logits were asked.\nassert (2, 9) == (2, 10)"))

    assert finding.message.en == "Ten logits were asked."
    assert "(2, 10)" in finding.detail


def test_a_hint_as_the_author_s_sentence_is_the_hint() -> None:
    """`assert condition, hint(...)` finds its Persian too."""
    finding = found(None, AssertionError(f"{SUM}\nassert False"))

    assert (finding.message, finding.hints) == (Text(SUM, SUM_FA), ("sum",))


def test_at_last_the_docstring() -> None:
    """A plain assert tells the student what was checked, and never the values."""
    finding = found(None, AssertionError("assert 62006 == 61706"))

    assert finding.message == CHECK.says
    assert "62006" in finding.detail


def test_several_hints_are_joined_and_said_once() -> None:
    """The same hint for three rows is one sentence."""
    book = recognised(0.5)
    book.hints += [SUM, hint("other", "And the sign is wrong.")]

    finding = found(book)

    assert finding.message.en == f"{SUM} And the sign is wrong."
    assert finding.message.fa == f"{SUM_FA} And the sign is wrong."
    assert finding.hints == ("sum", "other")


def test_advice_comes_last_and_never_beside_a_hint() -> None:
    """What is known of a network's layers follows the check's sentence or the comparer's; a hint says it better."""
    advice = Text("Go through them.", "مرور کنید.")
    told = Ledger(texts=[Text("It differs.")], advice=advice)
    hinted = Ledger(hints=[hint("k", "Look at the bias.")], advice=advice)

    assert found(Ledger(advice=advice), AssertionError()).message.en == f"{CHECK.says.en} Go through them."
    assert found(told, AssertionError()).message.en == "It differs. Go through them."
    assert found(hinted, AssertionError()).message.en == "Look at the bias."
    assert found(Ledger(advice=advice)).message.en == ""


def test_cells_left_open_are_unwritten() -> None:
    """A form that nobody has filled in is not a wrong answer."""
    book = Ledger(unwritten=6)

    assert found(book, AssertionError("assert [...]")).outcome is Outcome.UNWRITTEN


def test_a_form_half_filled_in_is_judged() -> None:
    """Some cells right, some still open: what is right counts."""
    book = Ledger(unwritten=2)
    book.recognise(Fraction(2, 3))

    assert (found(book).outcome, found(book).share) == (Outcome.PARTIAL, Fraction(2, 3))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Unwritten(phrase("proxy.unwritten")), Outcome.UNWRITTEN),
        (Refused(Text("A set came back.")), Outcome.FAILED),
        (Crashed(Text("It divided by zero."), "the traceback", "ZeroDivisionError"), Outcome.CRASHED),
    ],
)
def test_what_the_student_s_code_did_is_its_outcome(fault: Refused, outcome: Outcome) -> None:
    """Its own sentence is the message; it earns nothing."""
    finding = found(recognised(1), fault)

    assert (finding.outcome, finding.share, finding.message) == (outcome, 0, fault.text)
    assert fault.detail in finding.detail


@pytest.mark.parametrize("fault", [TypeError("a"), KeyError("c"), ValueError("e"), RuntimeError("f"), MemoryError()])
def test_an_answer_of_another_form_fails_with_one_sentence(fault: Exception) -> None:
    """The check's own code trips over `answer["w"]` of a list, but not over ours: the form differs."""
    assert doubtful(fault)
    finding = found(None, answers_fault(fault))

    assert (finding.outcome, finding.share, finding.message) == (Outcome.FAILED, 0, phrase("check.form"))
    assert type(fault).__name__ in finding.detail


def test_who_returns_nothing_reads_so_where_the_check_trips_over_it() -> None:
    """`w, c = answer` of None says nothing to a student; that nothing was returned does."""
    finding = found(None, answers_fault(TypeError("cannot unpack non-iterable NoneType object")))

    assert (finding.outcome, finding.message) == (Outcome.FAILED, phrase("close.none"))
    assert "cannot unpack" in finding.detail


@pytest.mark.parametrize(
    "fault",
    [RuntimeError("ours"), KeyError("a slip of ours"), MemoryError(), OSError("disk"), CourseError("solutions/x.py")],
)
def test_our_own_faults_are_never_a_zero(fault: Exception) -> None:
    """No share, a sentence without ours, and the truth in the instructor's detail."""
    finding = found(recognised(0), fault)

    assert (finding.outcome, finding.share, finding.message) == (Outcome.UNGRADED, None, phrase("check.fault"))
    assert type(fault).__name__ in finding.detail


def test_a_missing_data_set_is_said_as_such() -> None:
    """The check waits; the command that fetches it is the instructor's."""
    finding = found(None, DataError("run `grader data fetch cifar10`"))

    assert (finding.outcome, finding.share, finding.message) == (Outcome.UNGRADED, None, phrase("check.data"))
    assert "grader data fetch" in finding.detail


def test_what_we_could_not_judge_says_why() -> None:
    """An Ungraded raised by the engine carries its own sentence."""
    finding = found(None, Ungraded(Text("The sandbox has gone."), "EOFError"))

    assert (finding.outcome, finding.share, finding.message.en) == (Outcome.UNGRADED, None, "The sandbox has gone.")


def test_a_formula_that_nobody_could_decide_waits_for_a_person() -> None:
    """Undecided is neither right nor wrong, however the check ended."""
    book = Ledger(undecided=True)

    for fault in (None, AssertionError("assert f == same(g)")):
        assert (found(book, fault).outcome, found(book, fault).share) == (Outcome.MANUAL, None)
        assert found(book, fault).message == phrase("check.manual")


def test_figures_are_named_for_their_check() -> None:
    """Two questions may each draw a `loss`: their files differ."""
    book = Ledger(figures=[("loss.png", b"PNG")])

    assert found(book).figures == (("q1_rows-test_mean-loss.png", b"PNG"),)
