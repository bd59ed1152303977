"""What a run came to, when it is over: its scores, whose marks changed and why, and what to look at again."""

from __future__ import annotations

import statistics

import click

from grader.changes import Change
from grader.cli.options import INTERRUPTED, counted
from grader.run import Order, Summary

MOST_TOLD = 20  # lines or names on the terminal; the file has all


def tell(order: Order, summary: Summary) -> int:
    """Say what came of the run, a person's next step last; its exit status."""
    for problem in summary.problems:
        click.echo(f"left out or refused: {problem.en}", err=True)
    if summary.earlier:
        more = f" and {len(summary.earlier) - MOST_TOLD} more" if len(summary.earlier) > MOST_TOLD else ""
        names = ", ".join(summary.earlier[:MOST_TOLD]) + more
        told = f"In the report from earlier runs, with no hand-in here: {names}"
        click.echo(f"{told}; remove from {order.folder} the marksheets that are nobody's.", err=True)
    if summary.scores:
        scores = sorted(summary.scores.values())
        span = f"scores {scores[0]:g} to {scores[-1]:g}, median {statistics.median(scores):g}"
        stood = len(summary.scores) - summary.graded
        kept = f", {stood} as they were," if stood else ""
        click.echo(f"{summary.graded} of {summary.students} graded{kept} in {summary.seconds:.1f} s; {span}.")
        tell_changes(order, summary)
        click.echo(f"Report: {order.folder / 'report.html'}")
    stood_in = [name for name, source in summary.data.items() if source == "stand-in"]
    if stood_in:
        names = ", ".join(stood_in)
        click.echo(f"Practice: {names} generated, with bars of their own; for the real data see `grader data list`.")
    for remark in summary.remarks:
        click.echo(f"look again: {remark.en}", err=True)
    if summary.interrupted:
        click.echo("Interrupted: every marksheet written so far is kept.", err=True)
        return INTERRUPTED
    if summary.ungraded:
        click.echo(f"Not judged, to be graded again: {', '.join(summary.ungraded)}; the report says why.", err=True)
        return 1
    return 0


def tell_changes(order: Order, summary: Summary) -> None:
    """Whose marks have changed, a line a student, then by which checks."""
    by_student: dict[str, list[Change]] = {}
    for change in summary.changes:
        if _before(change) != _now(change):  # another outcome for the same points is in the file
            by_student.setdefault(change.student, []).append(change)
    if not by_student:
        return
    click.echo(f"Changed marks of {counted(len(by_student), 'student')} ({order.folder / 'changes.csv'}):")
    _few([_in_all(summary.scores[student], changes) for student, changes in by_student.items()])
    click.echo("By check:")
    _few([_by_check(change) for changes in by_student.values() for change in changes])


def _few(lines: list[str]) -> None:
    for line in lines[:MOST_TOLD]:
        click.echo(f"  {line}")
    if len(lines) > MOST_TOLD:
        click.echo(f"  and {len(lines) - MOST_TOLD} more")


def _in_all(score: float, changes: list[Change]) -> str:
    more = sum((change.earned or 0) - (change.earned_before or 0) for change in changes)
    before = round(score - more, 2)
    return f"{changes[0].student}: " + (f"{before:g} -> {score:g}" if before != score else f"{score:g} as before")


def _by_check(change: Change) -> str:
    marks = f"{_before(change)} -> {_now(change)}"
    return f"{change.student} {change.part}: {marks} ({change.check}; changed: {change.why})"


def _before(change: Change) -> str:
    return _mark(change.earned_before) if change.outcome_before else "new"


def _now(change: Change) -> str:
    return _mark(change.earned) if change.outcome else "gone"


def _mark(earned: float | None) -> str:
    return "open" if earned is None else f"{earned:g}"
