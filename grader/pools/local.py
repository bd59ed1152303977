"""The local pool: one verifier template, several submissions at a time, each retried once if its verifier was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from threading import Lock

from grader.checking.slots import Slots
from grader.checking.verifier import Verifier, ungraded
from grader.records import Site, Task, Verdict


class LocalPool:
    """Grades submissions on this machine. `start` makes a verifier when one is needed, and anew if it dies."""

    def __init__(self, start: Callable[[], Verifier], workers: int) -> None:
        self._start = start
        self._workers = workers
        self._slots: Slots | None = None
        self._closed = False
        self._verifier: Verifier | None = None
        self._lock = Lock()

    @property
    def site(self) -> Site:
        verifier = self._living()
        return Site(verifier.checks, verifier.isolation, verifier.gpu, verifier.remarks)

    def grade(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Verdict]]:
        """Verdicts as they come, at most two submissions a worker in memory."""
        coming = iter(tasks)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="grade") as threads:
            running: dict[Future[Verdict], Task] = {}
            try:
                while True:
                    while len(running) < 2 * self._workers and (following := next(coming, None)) is not None:
                        running[threads.submit(self._one, following)] = following
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield running.pop(future), future.result()
            except BaseException:
                for future in running:
                    future.cancel()
                self.close()  # lets the calls under way end at once
                raise

    def _one(self, task: Task) -> Verdict:
        student, why = task.submission.student, ""
        if not task.checks:
            return Verdict(student, ())
        with self._known_slots().taken(task.checks):
            for _ in range(2):
                verdict = self._living().grade(task.submission, task.variant, only=task.checks)
                if isinstance(verdict, Verdict):
                    return verdict
                why = verdict.why
        return Verdict(student, tuple(ungraded(check, f"The verifier was lost twice. {why}") for check in task.checks))

    def _known_slots(self) -> Slots:
        """The same for all submissions; how many may train on a GPU is known when a verifier has started."""
        on_gpu = self._living().on_gpu
        with self._lock:
            self._slots = self._slots or Slots(self._workers, on_gpu=on_gpu)
            return self._slots

    def _living(self) -> Verifier:
        with self._lock:
            if self._closed:
                raise CancelledError
            if self._verifier is not None and not self._verifier.alive:
                self._verifier.close()
                self._verifier = None
            if self._verifier is None:
                self._verifier = self._start()
            return self._verifier

    def close(self) -> None:
        """End what is under way; nothing is started again."""
        self._closed = True
        with self._lock:
            if self._verifier is not None:
                self._verifier.close()
