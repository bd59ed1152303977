"""From how a check ended to what the student reads: outcome, share, and the one message."""

from __future__ import annotations

from fractions import Fraction

from grader.checking.ledger import Hint, Ledger, hint_of
from grader.checking.wording import together
from grader.course import Question
from grader.errors import DataError, GraderError
from grader.phrases import phrase
from grader.records import Check, Finding, Outcome, Text
from grader.sandbox.faults import Crashed, NotSent, Refused, StudentFault, Ungraded, of_nothing

# What a check's own code raises over an answer of another form, or one that it cannot hand on.
FORM = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError, NotSent)
JUDGED = (AssertionError, StudentFault)  # by what they are
OURS = (Ungraded, GraderError, OSError, ImportError)


def finding_of(check: Check, question: Question, book: Ledger, fault: BaseException | None) -> Finding:
    """The finding of one check. The message, in this order: hint, comparer's text, assert's own message, docstring."""
    outcome, share = _judged(book, fault)
    asserted = _own_message(fault) if isinstance(fault, AssertionError) else ""
    hints = [*book.hints, *([h] if (h := hint_of(asserted)) else [])]
    advice = [book.advice] if book.advice else []
    message = _without_answer(outcome, book, fault)
    if message is None and hints:
        message = together(_bilingual(h, question) for h in hints)
    elif message is None and asserted and not book.texts:
        message = Text(asserted)
    elif message is None:
        message = together([*(book.texts or [check.says]), *advice])
    return Finding(
        check,
        outcome,
        share,
        message,
        detail=_detail(book, fault),
        hints=tuple(dict.fromkeys(h.key for h in hints)),
        figures=tuple((f"{check.question}-{check.id}-{name}", png) for name, png in book.figures),
    )


def _without_answer(outcome: Outcome, book: Ledger, fault: BaseException | None) -> Text | None:
    """What is said of a check that passed, or ended without judging an answer; None where an answer was wrong."""
    if outcome is Outcome.PASSED:
        return Text("")
    if isinstance(fault, StudentFault | Ungraded):
        return fault.text
    if outcome is Outcome.MANUAL:
        return book.texts[-1] if book.texts else phrase("check.manual")
    if isinstance(fault, DataError):
        return phrase("check.data")
    sentences = {Outcome.UNGRADED: "check.fault", Outcome.UNWRITTEN: "proxy.unwritten"}
    return phrase(sentences[outcome]) if outcome in sentences else None


def doubtful(fault: BaseException) -> bool:
    """Whether the fault alone does not tell whose it is.

    A KeyError may come of an answer without the key, or of a slip in the check; too little memory may be the answer's
    size, or the machine's.
    """
    return isinstance(fault, Exception) and not isinstance(fault, (*JUDGED, *OURS))


def answers_fault(fault: BaseException) -> Refused:
    """What a doubtful fault is where the check passes with the solution, or `grader verify` has to say so."""
    detail = f"It does not come of the check. {type(fault).__name__}: {fault}"
    if isinstance(fault, NotSent):
        return Refused(phrase("check.not_sent", what=fault.text), detail)
    return Refused(phrase("close.none" if of_nothing(str(fault)) else "check.form"), detail)


def _judged(book: Ledger, fault: BaseException | None) -> tuple[Outcome, Fraction | None]:
    if book.undecided:
        return Outcome.MANUAL, None
    if fault is None:
        share = book.share
        return (Outcome.PASSED if share == 1 else Outcome.PARTIAL if share else Outcome.FAILED), share
    if isinstance(fault, AssertionError):
        untouched = book.unwritten and not book.written and not any(book.shares)
        return (Outcome.UNWRITTEN if untouched else Outcome.FAILED), Fraction(0)
    if isinstance(fault, StudentFault):
        return fault.outcome, Fraction(0)
    return Outcome.UNGRADED, None


def _own_message(fault: AssertionError) -> str:
    """The author's sentence in `assert condition, "sentence"`; pytest puts its explanation after it."""
    text = str(fault.args[0]) if fault.args else ""
    first = text.split("\nassert ")[0].strip()
    return "" if first.startswith(("assert ", "DID NOT RAISE")) else first  # pytest's own words, not the author's


def _bilingual(found: Hint, question: Question) -> Text:
    if found.key == "variant":
        return phrase("check.variant")
    return Text(str(found), question.persian.get("hints", {}).get(found.key, ""))


def _detail(book: Ledger, fault: BaseException | None) -> str:
    lines = list(book.details)
    if isinstance(fault, StudentFault | Ungraded):
        lines += [f"{type(fault).__name__}: {fault.text.en}", fault.detail]
        if isinstance(fault, Crashed):
            lines.append(fault.kind)
    elif fault is not None:
        lines.append(f"{type(fault).__name__}: {fault}")
    return "\n".join(line for line in lines if line)
