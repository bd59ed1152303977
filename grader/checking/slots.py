"""How many submissions are graded at a time, where some train on several threads or on a GPU."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext

from grader.records import Check


class Slots:
    """`workers` slots on this machine. Who trains on several threads takes as many as their cores are worth.

    Who trains on a GPU waits first until fewer than `on_gpu` others are there; 0: there is none, or no end of it.

    Threads of one training wait for one another in a loop, deep in torch's libraries: two trainings of two threads
    each, at once on two cores, take at least three times as long as one after another (docs/trainings.md).
    """

    def __init__(self, workers: int, cores: int | None = None, on_gpu: int = 0) -> None:
        """cores: by default those that this process may use."""
        self._all = self._free = workers
        self._gpu = threading.Semaphore(on_gpu) if on_gpu else nullcontext()
        self._cores = cores or len(os.sched_getaffinity(0))
        self._turn = threading.Lock()  # who waits for several slots is not overtaken
        self._changed = threading.Condition()

    def worth(self, checks: Iterable[Check]) -> int:
        """The slots that these checks take together; they run one after another."""
        threads = max((check.threads for check in checks), default=1)
        return 1 if threads == 1 else min(self._all, math.ceil(threads * self._all / self._cores))

    @contextmanager
    def taken(self, checks: Collection[Check]) -> Iterator[None]:
        """Wait for the slots that these checks take, and hold them."""
        with self._gpu if any(check.gpu for check in checks) else nullcontext(), self._held(self.worth(checks)):
            yield

    @contextmanager
    def _held(self, number: int) -> Iterator[None]:
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._free >= number)
            self._free -= number
        try:
            yield
        finally:
            with self._changed:
                self._free += number
                self._changed.notify_all()
