"""Slots: trainings of several threads never have more threads at work than there are cores."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.checking.slots import Slots
from grader.records import Check, Text

NARROW = Check("test_it", "q1", "q1a", Fraction(1), False, Text("It is right."))


def training(threads: int) -> Check:
    return replace(NARROW, minutes=1.0, threads=threads)


@pytest.mark.parametrize(
    ("workers", "cores", "threads", "worth"),
    [
        (2, 2, 1, 1),
        (2, 2, 2, 2),  # alone on the machine
        (1, 2, 2, 1),  # there is nobody beside it
        (4, 16, 2, 1),  # four of them have eight cores
        (16, 16, 2, 2),
        (3, 4, 2, 2),  # three of them would have six threads on four cores
        (8, 2, 1, 1),  # more at a time than cores: as was asked
        (2, 2, 8, 2),  # never more than there are
    ],
)
def test_what_a_training_is_worth(workers: int, cores: int, threads: int, worth: int) -> None:
    """Its share of the cores, in slots; who trains on one thread or not at all takes one."""
    assert Slots(workers, cores).worth([NARROW, training(threads), training(1)]) == worth
    assert Slots(workers, cores).worth([]) == 1


def test_threads_at_work_never_outnumber_the_cores() -> None:
    """Sixty submissions, wide and narrow, from eight callers on four cores: all are graded, none beside too many."""
    slots, lock = Slots(4, cores=4), threading.Lock()
    at_work, most, wide = 0, 0, 0

    def grade(threads: int) -> None:
        nonlocal at_work, most, wide
        with slots.taken([training(threads)]):
            with lock:
                at_work += threads
                most = max(most, at_work)
            threading.Event().wait(0.002)
            with lock:
                at_work -= threads
                wide += threads > 1

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(grade, [1, 2, 1, 4, 3, 1] * 10))

    assert wide == 30
    assert 2 <= most <= 4


def test_a_gpu_is_shared_by_so_many() -> None:
    """Twenty who train on it and twenty who do not, from eight callers: never more than three of the first."""
    slots, lock = Slots(8, cores=8, on_gpu=3), threading.Lock()
    at_work, most = 0, {True: 0, False: 0}

    def grade(on_gpu: bool) -> None:
        nonlocal at_work
        with slots.taken([NARROW, replace(training(1), gpu=on_gpu)]):
            with lock:
                at_work += on_gpu
                most[on_gpu] = max(most[on_gpu], at_work)
            threading.Event().wait(0.002)
            with lock:
                at_work -= on_gpu

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(grade, [True, False] * 20))

    assert 2 <= most[True] <= 3
    assert most[False] >= 1  # who does not train there goes on beside them


def test_slots_come_back_after_an_error() -> None:
    """A verifier that is lost keeps nobody waiting."""
    slots, wide = Slots(2, cores=2, on_gpu=1), replace(training(2), gpu=True)

    with pytest.raises(RuntimeError), slots.taken([wide]):
        raise RuntimeError("lost")

    with slots.taken([wide]):
        pass
