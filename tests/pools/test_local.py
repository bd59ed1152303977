"""The local pool: every submission gets a verdict, a lost verifier costs one retry, and memory stays bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.errors import CourseError
from grader.pools.local import LocalPool
from grader.records import Check, Finding, NoVerdict, Outcome, Submission, Task, Text, Verdict

CHECK = Check("test_it", "q1", "q1a", Fraction(1), False, Text("It is right."))


class Fake:
    """A verifier without processes: `answer` says what becomes of a submission; None loses it."""

    checks = (CHECK,)
    isolation, gpu, on_gpu, remarks = 3, "A Card 3000", 1, ("It is new.",)

    def __init__(self, answer: Callable[[str], bool | None]) -> None:
        self.answer = answer
        self.alive = True
        self.closed = False

    def grade(self, submission: Submission, variant: int, *, only: Collection[Check]) -> Verdict | NoVerdict:
        right = self.answer(submission.student)
        if right is None:
            return NoVerdict("killed")
        return Verdict(submission.student, (Finding(CHECK, Outcome.PASSED, Fraction(right), data={"n": str(variant)}),))

    def close(self) -> None:
        self.closed, self.alive = True, False


def pool_of(answer: Callable[[str], bool | None], workers: int) -> LocalPool:
    """A pool whose verifiers answer so."""
    return LocalPool(lambda: Fake(answer), workers)  # type: ignore[arg-type, return-value]


def class_of(number: int) -> Iterator[Task]:
    return (Task(Submission(f"s{n}", "", {}), n, (CHECK,)) for n in range(number))


def graded(pool: LocalPool, tasks: Iterator[Task]) -> dict[str, Verdict]:
    return {task.submission.student: verdict for task, verdict in pool.grade(tasks)}


def test_a_card_is_shared_by_as_many_as_it_holds() -> None:
    """Of three at a time one is on the card, which holds one; and which card that is the run may tell."""
    here, most, lock = 0, 0, threading.Lock()

    def answer(student: str) -> bool:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        threading.Event().wait(0.005)
        with lock:
            here -= 1
        return True

    pool = pool_of(answer, 3)
    there = replace(CHECK, minutes=1.0, gpu=True)

    assert len(graded(pool, (replace(task, checks=(there,)) for task in class_of(12)))) == 12
    assert most == 1
    assert (pool.site.gpu, pool.site.remarks) == ("A Card 3000", ("It is new.",))


@pytest.mark.parametrize("workers", [1, 3])
def test_everybody_gets_a_verdict_on_their_own_variant(workers: int) -> None:
    """However many at a time, each submission comes back once with its own verdict."""
    pool = pool_of(lambda student: True, workers)

    found = graded(pool, class_of(20))

    assert {student: verdict.data["n"] for student, verdict in found.items()} == {f"s{n}": str(n) for n in range(20)}


def test_a_lost_verdict_is_asked_for_again() -> None:
    """A verifier that was killed once has judged the second time."""
    lost = {"s1": 1}

    def answer(student: str) -> bool | None:
        lost[student] = lost.get(student, 0) - 1
        return None if lost[student] >= 0 else True

    pool = pool_of(answer, 1)

    assert all(verdict.findings[0].outcome is Outcome.PASSED for verdict in graded(pool, class_of(3)).values())


def test_a_verdict_lost_twice_is_ungraded_and_nobody_else_s() -> None:
    """Never a zero; the instructor reads why; the others have theirs."""
    pool = pool_of(lambda s: None if s == "s1" else True, 2)

    found = graded(pool, class_of(4))
    finding = found.pop("s1").findings[0]

    assert (finding.check, finding.outcome, finding.share) == (CHECK, Outcome.UNGRADED, None)
    assert finding.detail == "The verifier was lost twice. killed"
    assert all(verdict.findings[0].outcome is Outcome.PASSED for verdict in found.values())


def test_a_dead_template_is_replaced() -> None:
    """The pool starts another one, and closes the dead one first."""
    made: list[Fake] = []

    def start() -> Fake:
        def answer(student: str) -> bool | None:
            if len(made) == 1:
                made[0].alive = False
                return None
            return True

        made.append(Fake(answer))
        return made[-1]

    pool = LocalPool(start, 1)  # type: ignore[arg-type]
    found = graded(pool, class_of(3))

    assert len(made) == 2
    assert made[0].closed
    assert all(verdict.findings[0].outcome is Outcome.PASSED for verdict in found.values())


def test_submissions_are_opened_as_they_are_needed() -> None:
    """A class of a thousand is not in memory at once: at most two submissions a worker are."""
    opened, finished, most = 0, 0, 0

    def coming() -> Iterator[Task]:
        nonlocal opened, most
        for task in class_of(30):
            opened += 1
            most = max(most, opened - finished)
            yield task

    pool = pool_of(lambda student: True, 2)
    for _ in pool.grade(coming()):
        finished += 1

    assert finished == 30
    assert most <= 2 * 2


def test_an_interruption_ends_the_verifiers_at_once() -> None:
    """Ctrl-C: what runs is cut short by closing its verifier, and what waits never begins."""
    at_work, let_go = threading.Event(), threading.Event()
    asked: list[str] = []

    class Slow(Fake):
        def close(self) -> None:
            super().close()
            let_go.set()

    def answer(student: str) -> bool | None:
        asked.append(student)
        if student == "s1":
            at_work.set()
            assert let_go.wait(60)
            return None
        return True

    pool = LocalPool(lambda: Slow(answer), 1)  # type: ignore[arg-type, return-value]
    verdicts = pool.grade(class_of(9))
    first, _ = next(verdicts)
    assert at_work.wait(60)

    with pytest.raises(KeyboardInterrupt):
        verdicts.throw(KeyboardInterrupt)  # type: ignore[attr-defined]

    assert first.submission.student == "s0"
    assert asked == ["s0", "s1"]  # nor is what was cut short begun again


def test_checks_that_cannot_be_loaded_stop_the_pool() -> None:
    """The sentence goes up to whoever asked."""

    def start() -> Fake:
        raise CourseError("test_q1.py has no @points")

    with pytest.raises(CourseError, match="has no @points"):
        _ = LocalPool(start, 1).site  # type: ignore[arg-type]


def test_what_is_known_already_needs_no_verifier() -> None:
    """A submission without a check to run comes back as it is, and nothing is started for it."""

    def start() -> Fake:
        raise AssertionError("nothing was to be run")

    pool = LocalPool(start, 1)  # type: ignore[arg-type]

    assert graded(pool, iter([Task(Submission("s1", "", {}), 0, ())])) == {"s1": Verdict("s1", ())}
    pool.close()
