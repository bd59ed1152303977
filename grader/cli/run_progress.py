"""A run as it goes, on stderr: what it grades with, a bar through the class, and what trains."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from grader.cli.options import counted
from grader.cli.progress import shown
from grader.cli.trainings import Trainings
from grader.data.loaders import stand_ins
from grader.records import Site
from grader.run import Order, Summary, run
from grader.sandbox.isolation import NAMES

PACE = 600  # seconds whose hand-ins say how long the rest takes: half a minute holds none of those that train


class Doing(ProgressColumn):
    """What trains, by the clock; else what was done last."""

    def __init__(self, trainings: Trainings) -> None:
        super().__init__(table_column=Column(no_wrap=True))  # the bar gives way
        self.trainings = trainings

    def render(self, task: Task) -> Text:
        return Text(self.trainings.line or task.description)  # a student's name is no markup


class Remaining(TimeRemainingColumn):
    """Silent while the last hand-ins train: how soon others were done says nothing about them."""

    def __init__(self, trainings: Trainings, workers: int) -> None:
        super().__init__()
        self.trainings, self.workers = trainings, workers

    def render(self, task: Task) -> Text:
        last = (task.remaining or self.workers + 1) <= self.workers and self.trainings.line
        return Text("") if last else super().render(task)


def watched(order: Order) -> Summary:
    """What comes of a run, which is shown meanwhile."""
    trainings = Trainings()
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        Doing(trainings),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        Remaining(trainings, order.workers),
    )
    with shown(Progress(*columns, console=console, speed_estimate_period=PACE)) as progress:
        bar = progress.add_task("warming up", total=None)

        def begin(students: int, site: Site | None) -> None:
            for line in _opening(order, students, site):
                in_a_pipe = not console.is_terminal  # one line there, however long
                console.print(line, highlight=False, markup=False, soft_wrap=in_a_pipe)
            progress.update(bar, total=students, description="grading")

        def advance(student: str) -> None:
            trainings.graded(student)
            progress.update(bar, advance=1, description=f"graded {student}")

        return run(order, begin, advance, trainings.heard)


def _opening(order: Order, students: int, site: Site | None) -> Iterator[str]:
    """What is graded and with what, then what an instructor should know of the machine."""
    asked = () if order.profile == "full" else order.assignment.data
    made = stand_ins(asked, datasets=order.course.datasets, data_dir=order.data)
    with_what = f" ({', '.join(made)} generated)" if made else ""
    how = NAMES[site.isolation] if site else "all as they were, nothing is run"
    on = f", trainings on {site.gpu}" if site and site.gpu else ""
    yield f"{order.assignment.id}: {counted(students, 'hand-in')}, profile {order.profile}{with_what}{on}, {how}"
    yield from site.remarks if site else ()
