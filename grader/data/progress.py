"""A progress bar that stays away from work of less than two seconds."""

from __future__ import annotations

from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE = 2.0  # seconds: shorter work is over before a bar has been read


class Slow:
    """`with Slow(console, "Reading cifar10", 60_000) as bar: bar.advance(1)`; silent without a console."""

    def __init__(self, console: Console | None, label: str, total: float | None, *, sizes: bool = False) -> None:
        self.total = total
        self._console, self._label, self._sizes = console, label, sizes
        self._start, self._done = monotonic(), 0.0
        self._bar: Progress | None = None

    def __enter__(self) -> Slow:
        return self

    def advance(self, amount: float) -> None:
        """Count `amount` more (rows, or bytes with `sizes`); the bar appears once the work has lasted PATIENCE."""
        self._done += amount
        if self._bar is None and self._console is not None and monotonic() - self._start >= PATIENCE:
            columns = DownloadColumn() if self._sizes else MofNCompleteColumn()
            bar = Progress(
                TextColumn("{task.description}"), BarColumn(), columns, TimeRemainingColumn(), console=self._console
            )
            bar.add_task(self._label, total=self.total)
            bar.start()
            self._bar = bar
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done, total=self.total)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
