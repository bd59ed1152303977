"""What an instructor sees of trainings: the bill before a run, and a line for each that is under way."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
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
    items = [item for item in found.items if found.times(item)]
    for item in items:
        cost = f"{item.seconds:.0f} s each" if item.seconds is not None else "not measured"
        weights = f", {item.with_weights} with weights" if item.with_weights else ""
        times = counted(found.times(item), "training")
        line = f"  {item.measure:<20}{times:>15}, {cost:>13}, {found.hours(item):6.2f} h"
        click.echo(f"{line}  ({counted(item.hand_ins, 'hand-in')}{weights}; {item.device or 'no device'})")
    trainings = counted(sum(map(found.times, items)), "training")
    together = min(order.workers, hand_ins)  # those of one hand-in wait for each other
    several = f", about {found.hours() / together:.2f} h with --workers {order.workers}" if together > 1 else ""
    click.echo(f"{trainings}, {found.hours():.2f} h one after another{several}; near misses come on top.")
    if not order.assignment.bars():
        click.echo(f"{order.assignment.id} has no bars.toml: trainings with bars in their checks are not counted.")
    unknown = [item.measure for item in items if item.seconds is None]
    if unknown:
        click.echo(f"Not in the sum, for nobody has measured it: {', '.join(unknown)}.")
    if order.device != "cpu":
        click.echo("The hours are those of the devices above; on a GPU nobody has measured them.")
    if found.hours(None) > found.cheaper.hours():
        click.echo(f"Cheaper: --audit {found.cheaper.audit:g} ({found.cheaper.hours():.2f} h); weights handed in.")
    click.echo("Nothing was started.")


class Trainings:
    """One line on what trains: whose it is, what it said last, and how long it may still take.

    now: the clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._running: dict[tuple[str, str], tuple[float, str]] = {}  # student and part -> when it began, what it says
        self._ended: dict[str, list[float]] = {}  # part -> the seconds of each training that has ended

    def heard(self, student: str, told: Mapping[str, Any]) -> None:
        """`told`: part, seconds and what it said, or part and ended."""
        part = str(told["part"])
        self._running.pop((student, part), None)
        if "ended" in told:
            self._ended.setdefault(part, []).append(float(told["ended"]))
        else:
            self._running[student, part] = self._now() - float(told["seconds"]), str(told.get("said", ""))

    def graded(self, student: str) -> None:
        """Nothing of theirs trains any more."""
        self._running = {key: value for key, value in self._running.items() if key[0] != student}

    @property
    def line(self) -> str:
        """On the training that told something last, of those under way; "" where none is."""
        if not self._running:
            return ""
        (student, part), (began, said) = list(self._running.items())[-1]
        seconds, ended = self._now() - began, self._ended.get(part)
        left = statistics.mean(ended) - seconds if ended else 0.0
        still = f", about {left:.0f} s left" if left >= 1 else ""  # nothing of one that takes longer than the others
        return f"{student} trains {part}{said and f': {said}'}, {seconds:.0f} s{still}"
