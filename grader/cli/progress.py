"""A bar on stderr that goes through a class: what is done, how many of how many, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def progress(doing: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """Entered, it is a function to call with each student, and with how many there are where `total` does not say."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    words = TextColumn("{task.description}", markup=False)  # a student's name is no markup
    columns = (words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with shown(Progress(*columns, console=Console(stderr=True))) as bar:
        task = bar.add_task(doing, total=total)

        def advance(student: str, of: int | None = total) -> None:
            bar.update(task, total=of, advance=1, description=f"{doing} {student}")

        yield advance


@contextmanager
def shown(bar: Progress) -> Iterator[Progress]:
    """The bar while something goes on; where that is refused nothing of it stays before the sentence that says why."""
    with bar:
        try:
            yield bar
        except Exception:
            bar.live.transient = True  # a terminal takes it back
            bar.console.quiet = not bar.console.is_terminal  # a pipe never gets it
            raise
