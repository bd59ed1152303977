"""What an instructor sees of trainings: the bill before a run, and a line for each that is under way."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import counted

if TYPE_CHECKING:
    from grader.run import Order


def bill(order: Order) -> None:
    """Say what a run would train, what it costs, and what would cost less."""
    from rich.console import Console

    from grader.data.progress import Slow
    from grader.plan import plan

    with Slow(Console(stderr=True), "reading hand-ins", None) as bar:

        def advance(of: int) -> None:
            bar.total = of
            bar.advance(1)

        found, hand_ins = plan(
            order.course, order.assignment, order.submissions, order.profile, order.audit, order.data, advance
        )
    click.echo(f"{order.assignment.id}: {counted(hand_ins, 'hand-in')}, profile {order.profile}, audit {order.audit:g}")
    for item in found.items:
        cost = f"{item.seconds:.0f} s each" if item.seconds is not None else "not measured"
        weights = f", {item.with_weights} with weights" if item.with_weights else ""
        line = f"  {item.measure:<20}{found.times(item):>5} trainings, {cost:>13}, {found.hours(item):6.2f} h"
        click.echo(f"{line}  ({item.hand_ins} hand-ins{weights}; {item.device or 'no device'})")
    trainings = sum(map(found.times, found.items))
    several = f", about {found.hours() / order.workers:.2f} h with --workers {order.workers}" * (order.workers > 1)
    click.echo(f"{trainings} trainings, {found.hours():.2f} h one after another{several}; near misses come on top.")
    unknown = [item.measure for item in found.items if item.seconds is None]
    if unknown:
        click.echo(f"Not in the sum, for nobody has measured it: {', '.join(unknown)}.")
    if order.device != "cpu":
        click.echo("The hours are those of the devices above; on a GPU nobody has measured them.")
    if found.hours(None) > found.cheaper.hours():
        click.echo(f"Cheaper: --audit {found.cheaper.audit:g} ({found.cheaper.hours():.2f} h); weights handed in.")
    click.echo("Nothing was started.")


class Trainings:
    """One line on the training that told something last: whose it is, what it says, and how long it may still take."""

    def __init__(self) -> None:
        self._ended: dict[str, list[float]] = {}  # part -> the seconds of each training that has ended

    def heard(self, student: str, told: dict[str, Any]) -> str:
        """The line, "" for a training that has ended; `told`: part, seconds and what it said, or part and ended."""
        part = str(told["part"])
        if "ended" in told:
            self._ended.setdefault(part, []).append(float(told["ended"]))
            return ""
        seconds, ended = float(told["seconds"]), self._ended.get(part)
        left = f", about {max(0.0, statistics.mean(ended) - seconds):.0f} s left" if ended else ""
        said = f": {told['said']}" if told.get("said") else ""
        return f"{student} trains {part}{said}, {seconds:.0f} s{left}"
