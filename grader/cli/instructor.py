"""What instructors type: `grader run`, `feedback`, `report`, `doctor`; and `grader demo`, which is for anyone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from grader.cli.options import (
    INTERRUPTED,
    Place,
    counted,
    course_option,
    nothing_graded,
    out_folder,
    out_option,
    pages_lang_option,
    submissions_option,
    workers_option,
)
from grader.cli.trainings import bill
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.course import Course


@click.command()
@click.argument("hw")
@submissions_option
@out_option
@workers_option
@click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="What trainings run on.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where trainings run: auto is the GPU where a worker can use one.",
)
@click.option("--data", type=Place(path_type=Path), metavar="DIR", help="Where real data sets lie.")
@click.option(
    "--audit",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="Hand-ins whose trainings run once more: weights always, code in full.",
)
@click.option("--plan", "planned", is_flag=True, help="Say what would be trained and how long; start nothing.")
@click.option(
    "--i-trust-these-submissions", "trusted", is_flag=True, help="Run student code even where nothing isolates it."
)
@click.option(
    "--cluster", default="", metavar="ADDRESS", help="Grade on a dask cluster: its scheduler's address, or local."
)
@click.option("--fresh", is_flag=True, help="Grade everything anew, whatever earlier runs have found.")
@pages_lang_option
@course_option
def run(
    hw: str,
    submissions: Path | None,
    out: Path,
    workers: int,
    profile: str,
    device: str,
    data: Path | None,
    audit: float,
    planned: bool,
    trusted: bool,
    cluster: str,
    fresh: bool,
    lang: str,
    course_dir: Path | None,
) -> None:
    """Grade the hand-ins of an assignment.

    Writes one marksheet a student, results.csv, report.html and feedback pages. DIR is nbgrader's submitted/
    tree, a folder with one folder or archive a student, or one student's folder. Every
    marksheet is written as soon as it is known: after Ctrl-C, what is done is there.

    A second run grades what has changed since: a hand-in, a check, a solution, a data set. It prints whose
    marks changed and why, and writes that to changes.csv.

    A course may have defaults of its own for --profile, --device, --workers, --audit and --lang: [run] in
    course.toml.
    """
    from grader.cli.run_progress import watched
    from grader.cli.run_summary import tell
    from grader.course import find_course
    from grader.exchange import home
    from grader.run import Order
    from grader.sandbox.gpu import nodes

    course = find_course(course_dir)
    where = submissions or home(course) / "submitted"
    given = {"profile": profile, "device": device, "workers": workers, "audit": audit, "lang": lang}
    chosen = {name: _typed_or_default(course, name, value) for name, value in given.items()}
    if chosen["device"] == "auto" and not cluster and not nodes():
        chosen["device"] = "cpu"  # what was found on it stands, whether it was asked for or came of itself
    order = Order(
        course, course.assignment(hw), where, out, data=data, trusted=trusted, fresh=fresh, cluster=cluster, **chosen
    )
    if planned:
        bill(order)
    else:
        sys.exit(tell(order, watched(order)))


def _typed_or_default(course: Course, name: str, value: Any) -> Any:
    """An option's value as it was typed, else the course's own default, [run] in course.toml, else the command's."""
    context = click.get_current_context()
    if name not in course.run or context.get_parameter_source(name) is not ParameterSource.DEFAULT:
        return value
    (option,) = (param for param in context.command.params if param.name == name)
    try:
        return option.type_cast_value(context, course.run[name])
    except click.BadParameter as fault:
        raise GraderError(f"{course.root / 'course.toml'}: {name} in [run]: {fault.message}") from fault


@click.command()
@click.argument("hw")
@out_option
@pages_lang_option
@course_option
def feedback(hw: str, out: Path, lang: str, course_dir: Path | None) -> None:
    """Make the students' pages again, from the marksheets and a person's marks."""
    from grader.class_pages import write_pages
    from grader.course import find_course

    course = find_course(course_dir)
    number = write_pages(course, course.assignment(hw), out / hw, lang)
    if not number:
        raise nothing_graded(hw, out)
    click.echo(f"{counted(number, 'page')} in {out / hw / 'feedback'}")


@click.command()
@click.argument("hw")
@click.option("--student", metavar="ID", help="Print instead what one student lost points at, and why.")
@out_option
@pages_lang_option
@course_option
def report(hw: str, student: str | None, out: Path, lang: str, course_dir: Path | None) -> None:
    """Make the report again, from the marksheets and a person's marks.

    With --student, for when somebody asks: each check that did not give all its points, with what was asked, what the
    student was told, and what was expected and returned. Students are not to see it.
    """
    from grader.class_pages import marks_beside, write_report
    from grader.cli.appeals import appeal
    from grader.course import find_course
    from grader.marksheets import marksheets

    course = find_course(course_dir)
    assignment = course.assignment(hw)
    if not marksheets(out / hw):
        raise nothing_graded(hw, out)
    if student is not None:
        appeal(student, out / hw)
    else:
        write_report(assignment, out / hw, marks_beside(course, assignment), lang)
        click.echo(f"Report: {out / hw / 'report.html'}")


@click.command()
@course_option
def doctor(course_dir: Path | None) -> None:
    """Probe this machine's isolation and devices.

    Each layer is tried for real; for each that is missing, the one fix.
    """
    from grader.course import find_course
    from grader.doctor import examine

    try:
        secret = find_course(course_dir).solutions / "draw.key"
    except GraderError:
        secret = Path.home()
    probes = examine(secret)
    for probe in probes:
        click.echo(f"{'yes' if probe.holds else 'no ':<4}{probe.what}: {probe.told}")
        if not probe.holds and probe.fix:
            click.echo(f"      {probe.fix}")
    sys.exit(0 if any(probe.holds for probe in probes[:2]) else 1)


@click.command()
@out_folder("demo", "Where the class and its results go.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, metavar="N", help="Submissions at a time."
)
@course_option
def demo(out: Path, workers: int, course_dir: Path | None) -> None:
    """Grade a sample class end to end.

    Right, wrong, unfinished and hostile hand-ins of hw5, each with a score that is known; ends with what to look at.
    """
    from grader.cli.run_progress import watched
    from grader.cli.run_summary import tell
    from grader.course import find_course
    from grader.demo import expected_score, write_class
    from grader.errors import IsolationError
    from grader.run import Order
    from grader.sandbox.isolation import best_nursery

    course = find_course(course_dir)
    assignment = course.assignment("hw5")
    try:
        best_nursery(trusted=False).close()
        isolated = True
    except IsolationError as fault:
        isolated = False
        click.echo(f"{fault} The demo goes on without its hostile members.", err=True)
    people = write_class(assignment, out / "submitted", hostile=isolated)
    order = Order(course, assignment, out / "submitted", out / "results", workers, trusted=not isolated)
    summary = watched(order)
    status = tell(order, summary)
    if status == INTERRUPTED:
        sys.exit(status)
    wrong = [m.id for m in people if summary.scores.get(m.id) != expected_score(assignment, m)]
    not_so = f": not {', '.join(wrong)}" if wrong else ""
    click.echo(f"{len(people) - len(wrong)} of {len(people)} scores are the expected ones{not_so}.")
    click.echo("Worth a look:")
    for member in [m for m in people if m.id in ("m01", "mix1", "x-loops" if isolated else "syntax")]:
        click.echo(f"  {member.id} ({member.about}): {order.folder / 'feedback' / f'{member.id}.html'}")
    sys.exit(status or bool(wrong))
