"""What students type: `grader check` and `grader data`. Runs on any system, with the core packages alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.options import Commands, course_option, lang_option
from grader.errors import GraderError
from grader.phrases import phrase


@click.command()
@click.argument("question", required=False)
@click.option("--hidden", is_flag=True, help="Run the hidden checks too (where the solutions are open to you).")
@lang_option
@course_option
def check(question: str | None, hidden: bool, lang: str, course_dir: Path | None) -> None:
    """Run the examples of your modules.

    Each is ok, no (with what went wrong), or not written yet. QUESTION is a module or its beginning (q2), in another
    folder too (../hw4/q1); default: every question module in this folder.
    """
    from grader.practice import NO, check_module, word

    named = Path(question or "q")
    folder, beginning = Path.cwd() / named.parent, named.name.removesuffix(".py")
    modules = sorted(path for path in folder.glob("*.py") if path.name.startswith(beginning) and path.is_file())
    if not modules:
        raise GraderError(f"There is no module {beginning}*.py in {folder}; go to a folder such as exercises/hw5.")
    wrong = 0
    for path in modules:
        click.echo(path.name)
        for result in check_module(path):
            click.echo(f"  {word(result.state).in_language(lang):<16} {result.part:<10} {result.name}")
            if told := result.told.in_language(lang):
                click.echo("\n".join(f"      {line}" for line in told.splitlines()))
            wrong += result.state == NO
    if hidden:
        wrong += _hidden(folder, {path.stem for path in modules}, lang, course_dir)
    sys.exit(1 if wrong else 0)


def _hidden(folder: Path, names: set[str], lang: str, course_dir: Path | None) -> int:
    """The hidden checks of these modules, for the folder as it would be handed in; how many are not passed."""
    if sys.platform != "linux":
        raise GraderError(
            "Hidden checks need Linux (WSL2 on Windows, a container on macOS). The examples above work everywhere."
        )
    from grader.course import find_course

    course = find_course(course_dir)
    for assignment in map(course.assignment, course.assignments):
        wanted = [q.id for q in assignment.questions if q.id in names]
        if wanted:
            break
    else:
        raise GraderError(f"None of {', '.join(sorted(names))} is a question of {course.root}; pass --course DIR.")
    from grader.checking.verifier import Verifier
    from grader.notebooks import settle
    from grader.records import HandIn
    from grader.unpack import unpack

    submission = settle(unpack(HandIn("you", folder, ""), assignment), assignment)
    verifier = Verifier(course.root, assignment.id, trusted=True, questions=wanted)
    try:
        verdict = verifier.grade(submission, 0)
    finally:
        verifier.close()
    if verdict is None:
        raise GraderError(f"The hidden checks ended without a verdict; try again. {verifier.loss}")
    click.echo(phrase("cli.hidden").in_language(lang))
    for note in submission.notes:
        click.echo(f"  {note.in_language(lang)}")
    for finding in verdict.findings:
        says = finding.check.says.in_language(lang)
        word = phrase(f"page.outcome.{finding.outcome}").fa if lang == "fa" else str(finding.outcome)
        click.echo(f"  {word:<12} {finding.check.part:<10} {says}")
        if finding.message.en and finding.message != finding.check.says:
            click.echo(f"      {finding.message.in_language(lang)}")
    return sum(finding.share != 1 for finding in verdict.findings)


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
    """Say what is here: real or stand-in, size, licence, place."""
    from grader.data.adopt import listing

    for shelf in listing(_datasets(course_dir)):
        size = f"{shelf.bytes / 1e6:.0f} MB" if shelf.bytes else "-"
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
