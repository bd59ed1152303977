"""What students type: `grader check` and `grader data`. Runs on any system, with the core packages alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import Commands, course_option, language
from grader.cli.paragraphs import named, paragraphs
from grader.errors import GraderError, NoCourseError
from grader.labels import part_label
from grader.phrases import said

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.status import Status

    from grader.course import Assignment, Course
    from grader.records import Finding


@click.command()
@click.argument("questions", nargs=-1, metavar="[QUESTION]...")
@click.option("--hidden", is_flag=True, help="Run the hidden checks too (where the solutions are open to you).")
@language("English or Persian.")
@course_option
def check(questions: tuple[str, ...], hidden: bool, lang: str, course_dir: Path | None) -> None:
    """Run the examples of your modules.

    Each is ok, no (with what went wrong), not written yet, or given, where nothing is to be written. QUESTION is a
    module or its beginning (q2), in another folder too (../hw4/q1), or such a folder (../hw4), and there may be
    several; default: every question module in this folder.
    """
    modules = sorted({path for question in questions or ("q",) for path in _modules(question, lang)})
    wrong = sum(_examples(path, lang) for path in modules)
    if hidden:
        for folder in sorted({path.parent for path in modules}):
            wrong += _hidden(folder, {path.stem for path in modules if path.parent == folder}, lang, course_dir)
    sys.exit(1 if wrong else 0)


def _modules(question: str, lang: str) -> list[Path]:
    place = Path(question)
    folder, beginning = Path.cwd() / place.parent, place.name.removesuffix(".py")
    modules = _beginning_with(beginning, folder) or _beginning_with("q", folder / place.name)
    if not modules:
        there = ", ".join(sorted(path.name for path in _beginning_with("q", folder)))
        why = "cli.other_modules" if there else "cli.no_module"
        raise GraderError(said(why, lang, name=f"{beginning}*.py", folder=folder, there=there))
    return modules


def _beginning_with(beginning: str, folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if path.name.startswith(beginning) and path.is_file()]


def _examples(path: Path, lang: str) -> int:
    """The examples of one module; how many are wrong."""
    from grader.examples import NO, RUNNING, check_module

    wrong, running = 0, ""
    click.echo(path.name)
    try:
        for result in check_module(path):
            running = result.name if result.state == RUNNING else ""
            word = said(f"practice.{result.state}", lang)
            line = f"  {word:<16} {named(result.part, lang)} {result.name}"
            click.echo(line, err=bool(running))
            paragraphs(result.told.in_language(lang), 6)
            wrong += result.state == NO
    except KeyboardInterrupt as stop:  # out of its wait, or of these very lines
        raise KeyboardInterrupt(*(stop.args or filter(None, [running]))) from None
    return wrong


def _hidden(folder: Path, names: set[str], lang: str, course_dir: Path | None) -> int:
    """The hidden checks of these modules, for the folder as it would be handed in; how many are not passed."""
    if sys.platform != "linux":
        raise GraderError(said("cli.hidden_linux", lang))
    course, assignment, wanted = _asked(names, lang, course_dir)
    from grader.checking.verifier import Verifier
    from grader.notebooks import settle
    from grader.records import HandIn, NoVerdict
    from grader.unpack import unpack

    submission = settle(unpack(HandIn("you", folder, ""), assignment), assignment)
    status = _status(lang)

    def heard(student: str, told: dict[str, Any]) -> None:
        status.update(_training(told, lang))

    with status:
        verifier = Verifier(course.root, assignment.id, trusted=True, questions=wanted, heard=heard)
    click.echo(said("cli.hidden", lang))
    for note in submission.notes:
        paragraphs(note.in_language(lang), 2)
    failed = 0
    try:
        for question in wanted:
            with status:
                checks = [check for check in verifier.checks if check.question == question]
                verdict = verifier.grade(submission, 0, only=checks)
            if isinstance(verdict, NoVerdict):
                raise GraderError(said("cli.hidden_lost", lang, loss=verdict.why))
            for finding in verdict.findings:
                _found(finding, lang)
                failed += finding.share != 1
    finally:
        verifier.close()
    return failed


def _asked(names: set[str], lang: str, course_dir: Path | None) -> tuple[Course, Assignment, list[str]]:
    """The course, the assignment and the questions that these modules are of."""
    from grader.course import find_course

    elsewhere = GraderError(said("cli.hidden_elsewhere", lang))
    try:
        course = find_course(course_dir)
    except NoCourseError:
        if course_dir is not None:
            raise
        raise elsewhere from None
    if not course.solutions.is_dir():  # a graded course publishes exercises/, and maybe its course.toml
        raise elsewhere
    for assignment in map(course.assignment, course.assignments):
        wanted = [q.id for q in assignment.questions if q.id in names]
        if wanted:
            return course, assignment, wanted
    told = {"names": ", ".join(sorted(names)), "course": course.root}
    raise GraderError(said("cli.no_question", lang, **told))


def _status(lang: str) -> Status:
    """A line on stderr while the checks run: on a terminal one that goes again, in a pipe one that is said once."""
    from rich.console import Console

    console, running = Console(stderr=True), said("cli.hidden_running", lang)
    if not console.is_terminal:
        click.echo(running, err=True)
    return console.status(running)


def _training(told: dict[str, Any], lang: str) -> RenderableType:
    """What a training tells while it runs, or that it has ended."""
    from rich.text import Text

    if "ended" in told:
        return Text(said("cli.hidden_running", lang))
    part = f"{part_label(told['part'], lang)} {told['part']}"
    more = f": {told['said']}" if told.get("said") else ""
    about = {"part": part, "seconds": round(told["seconds"]), "said": more}
    return Text(said("cli.hidden_training", lang, **about))


def _found(finding: Finding, lang: str) -> None:
    """What one check found: its verdict and its points, what it says, and what it says about this answer."""
    from grader.pages.text import number

    passed, says = finding.outcome == "passed", finding.check.says.in_language(lang)
    word = said(f"page.outcome.{finding.outcome}", lang).lower()
    points = number(finding.check.points, lang)
    if finding.share is None:
        worth = said("page.waiting", lang, points=points)
    else:
        worth = said("page.of", lang, earned=number(finding.check.points * finding.share, lang), points=points)
    click.echo(f"  {word:<16} {named(finding.check.part, lang)} {worth}")
    paragraphs(says if passed else said("page.asked", lang, says=says), 6)
    if finding.message != finding.check.says:
        paragraphs(finding.message.in_language(lang), 6)


def _datasets(course_dir: Path | None) -> Path:
    """The folder of cards: the course's, or the one that a release brings along, which has no course.toml."""
    from grader.course import find_course

    if course_dir is None:
        for folder in (Path.cwd(), *Path.cwd().parents):
            if any((folder / "datasets").glob("*.toml")):
                return folder / "datasets"
    return find_course(course_dir).datasets


@click.group(cls=Commands)
def data() -> None:
    """Data sets: what is here, and how to get the rest."""


@data.command("list")
@course_option
def data_list(course_dir: Path | None) -> None:
    """Say what is here: real, stand-in or missing; size, licence, place."""
    from rich.filesize import decimal

    from grader.data.adopt import listing

    datasets = _datasets(course_dir)
    shelves = listing(datasets)
    if not shelves:
        click.echo(f"No data sets: there is no card in {datasets}.")
    for shelf in shelves:
        size = decimal(shelf.bytes) if shelf.bytes else "-"
        click.echo(f"{shelf.name:<14} {shelf.source:<10} {size:>8}  {shelf.licence}; {shelf.where or shelf.home}")


@data.command("fetch")
@click.argument("name")
@course_option
def data_fetch(name: str, course_dir: Path | None) -> None:
    """Download a data set and verify its checksum.

    An interrupted download goes on where it stopped.
    """
    from rich.console import Console

    from grader.data.fetch import fetch

    where = fetch(name, datasets=_datasets(course_dir), console=Console(stderr=True))
    click.echo(f"{name} is in {where}")


@data.command("add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@course_option
def data_add(name: str, path: Path, course_dir: Path | None) -> None:
    """Adopt a copy that you already have.

    PATH is a folder or archive; it is checked to be the real data set first.
    """
    from rich.console import Console

    from grader.data.adopt import add

    found = add(name, path, datasets=_datasets(course_dir), console=Console(stderr=True))
    click.echo(f"{name} ({found.source}) is in {found.folder}")
