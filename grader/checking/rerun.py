"""A check run once more with others in the place of its fixtures: whose fault it was, and whose numbers were used.

Imported by the plugin, so it is as light: heavy modules are imported when a check is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.checking.check_context import CheckContext
    from grader.checking.declared import Declared
    from grader.checking.ledger import Ledger
    from grader.course import Question
    from grader.records import Check

    Collected = Mapping[str, tuple[Check, Question]]  # what was collected, by pytest's node ids

RAISED = (Exception, pytest.fail.Exception, pytest.skip.Exception)  # by a check: pytest's own are no Exceptions


def as_fault(raised: BaseException) -> BaseException:
    """What a check raised; pytest.fail, in words of ours, as the assert that it stands for."""
    from grader.errors import CourseError

    if isinstance(raised, pytest.fail.Exception):
        return AssertionError(raised.msg or "")
    if isinstance(raised, pytest.skip.Exception):
        return CourseError("A check decides: skipped, it is nothing that anybody could earn or lose.")
    return raised


def can_be_asked_again(item: Any, declared: Declared) -> bool:
    """Not a check that trains, for the time it takes; nor one whose own fixture has asked the student's code."""
    names = item._fixtureinfo.argnames
    return not declared.minutes and ("submission" in names or "submission" not in item.fixturenames)


def passes_with_ours(item: Any, context: CheckContext, question: Question) -> bool:
    """Whether the check passes with the solution in the place of what was handed in."""
    asks = "submission" in item._fixtureinfo.argnames
    return _again(item, {"submission": context.solution(question)} if asks else {}) is not None


def anothers(item: Any, context: CheckContext, question: Question, collected: Collected) -> bool:
    """Whether these are another student's numbers: right for another variant, and no check passes with one's own.

    A small whole number may be a variant's right answer by chance. All that is asked for it comes out of the check's
    own time budget: answers as slow as they may be would else take many times what a check may.
    """
    if not {"given", "submission"} <= {*item.fixturenames} or not _right_for_another(item, context, question):
        return False
    submission = item.funcargs["submission"]
    others = [other for other in item.session.items if other is not item and "given" in other.fixturenames]
    return not any(
        _passes_with_own(other, context, question, collected[other.nodeid][0], submission)
        for other in others
        if other.nodeid in collected and collected[other.nodeid][1] is question
    )


def _passes_with_own(other: Any, context: CheckContext, question: Question, check: Check, submission: Any) -> bool:
    """Whether what was handed in earns all of another check with the owner's numbers."""
    fixtures: dict[str, Callable[[Question], Any]] = {
        "submission": lambda _: submission,
        "solution": context.solution,
        "given": context.given,
        "draw": lambda _: partial(context.draw, check.part),
    }
    names = other._fixtureinfo.argnames
    if not fixtures.keys() >= set(names):
        return False
    book = _ledger_of(other, {name: fixtures[name](question) for name in names})
    return book is not None and book.share == 1


def _right_for_another(item: Any, context: CheckContext, question: Question) -> bool:
    """Whether the answer is all right for another student's variant of the numbers."""
    from grader.checking.given import given_of, variants_of

    for variant in range(variants_of(question)):
        if variant == context.job.variant:
            continue
        others: dict[str, Any] = {"given": given_of(question, variant)}
        if "solution" in item._fixtureinfo.argnames:
            others["solution"] = context.solution(question, variant)
        book = _again(item, others)
        if book is not None and book.share == 1:
            return True
    return False


def _again(item: Any, others: dict[str, Any]) -> Ledger | None:
    """The ledger of the check run once more with others in the place of some of its fixtures; None if it raised."""
    return _ledger_of(item, {name: item.funcargs[name] for name in item._fixtureinfo.argnames} | others)


def _ledger_of(item: Any, arguments: dict[str, Any]) -> Ledger | None:
    """The ledger of a check that is run aside with these arguments; None if it raised."""
    from grader.checking import ledger, network

    with ledger.opened() as book, network.opened():
        try:
            item.function(**arguments)
        except RAISED:
            return None
    return book
