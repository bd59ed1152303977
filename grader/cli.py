"""The command line: one function a command, each of which asks the engine and prints. No work is done here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from grader import __version__
from grader.errors import GraderError


class Commands(click.Group):
    """Commands in the order in which people meet them; a GraderError is one sentence and exit status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as fault:
            fail(str(fault))


def fail(sentence: str) -> NoReturn:
    click.echo(f"grader: {sentence}", err=True)
    sys.exit(2)


course_option = click.option(
    "--course",
    "course_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The course's folder; default: the nearest parent.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    help="Where results lie.",
)
lang_option = click.option(
    "--lang", type=click.Choice(["en", "fa"]), default="en", show_default=True, help="English or Persian."
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """A deep-learning course that grades itself.

    Students: check, data. Authors: new, new-course, sync, verify. Instructors: run, feedback, report, doctor. Anyone: demo.
    Exit status: 0 done, 1 some checks could not be graded, 2 wrong use (one sentence says what to do).
    """


@main.command()
@click.argument("question", required=False)
@course_option
def verify(question: str | None, course_dir: Path | None) -> None:
    """Prove questions: the solution earns everything, the stub nothing, each mistake exactly its hint and share.

    QUESTION is an assignment (hw5), a question (q2_conv_backprop), or both (hw5/q2); default: the whole course.
    """
    from grader.authoring.verify import prove
    from grader.checking.verifier import Verifier
    from grader.course import find_course

    course = find_course(course_dir)
    failed = 0
    for assignment, questions in _chosen(course, question):
        verifier = Verifier(course.root, assignment.id, trusted=True, questions=[q.id for q in questions])
        try:
            for proof in prove(assignment, questions, verifier):
                click.echo(
                    f"{'ok  ' if not proof.faults else 'FAIL'} {proof.question} {proof.name} ({proof.seconds:.2f} s)"
                )
                for fault in proof.faults:
                    click.echo(f"     {fault}")
                failed += bool(proof.faults)
        finally:
            verifier.close()
    if failed:
        click.echo(f"{failed} proofs failed.", err=True)
        sys.exit(1)


def _chosen(course: Any, name: str | None) -> list[tuple[Any, list[Any]]]:
    """The assignments and questions that a name means."""
    if name is None:
        return [(a, list(a.questions)) for a in map(course.assignment, course.assignments)]
    first, _, rest = name.partition("/")
    if first in course.assignments:
        assignment = course.assignment(first)
        return [(assignment, [assignment.question(rest)] if rest else list(assignment.questions))]
    for assignment in map(course.assignment, course.assignments):
        if any(q.id == name for q in assignment.questions):
            return [(assignment, [assignment.question(name)])]
    raise GraderError(f"There is no assignment or question {name} in {course.root}; write it as hw5 or hw5/q2.")


@main.command()
@click.argument("names", nargs=-1, metavar="[HW]...")
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; exit 2 if a stub is not what would be generated."
)
@course_option
def sync(names: tuple[str, ...], only_check: bool, course_dir: Path | None) -> None:
    """Regenerate exercises/ from solutions/ (all assignments, or the ones named)."""
    from grader.authoring import sync as stubs
    from grader.course import find_course

    course = find_course(course_dir)
    chosen = names or course.assignments
    if only_check:
        click.echo(
            f"{stubs.check(course, chosen)} files are what solutions/ generates, and none shows a solution's line."
        )
    else:
        for path in stubs.sync(course, chosen):
            click.echo(f"wrote {path.relative_to(course.root)}")


@main.command()
@click.argument("where", metavar="HW/QUESTION")
@course_option
def new(where: str, course_dir: Path | None) -> None:
    """Start a question, such as hw6/q1_name: module, hidden check, Persian text and one mistake, all of which pass."""
    from grader.authoring.skeleton import new_question
    from grader.course import find_course

    course = find_course(course_dir)
    for path in new_question(course, where):
        click.echo(f"wrote {path.relative_to(course.root)}")
    click.echo(f"Now: grader verify {where}; edit; grader sync.")


@main.command("new-course")
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--from", "names", required=True, metavar="HW,HW", help="Assignments to copy, such as hw1,hw5.")
@course_option
def new_course(target: Path, names: str, course_dir: Path | None) -> None:
    """Make a private, graded course: content copied, a draws' key and variants of its own."""
    from grader.authoring import skeleton
    from grader.course import find_course

    made = skeleton.new_course(find_course(course_dir), target, tuple(name.strip() for name in names.split(",")))
    click.echo(
        f"{made.root} holds {', '.join(made.assignments)}. Publish its exercises/ alone; solutions/ is the secret."
    )


@main.command()
@click.argument("hw")
@click.option(
    "--submissions", type=click.Path(path_type=Path), metavar="DIR", help="Hand-ins; default: nbgrader/submitted."
)
@out_option
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N", help="Submissions at a time."
)
@click.option("--profile", type=click.Choice(["quick", "full"]), help="What trainings run on; default: quick.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where trainings run.",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Where real data sets lie.")
@click.option(
    "--i-trust-these-submissions", "trusted", is_flag=True, help="Run student code even where nothing isolates it."
)
@lang_option
@course_option
def run(
    hw: str,
    submissions: Path | None,
    out: Path,
    workers: int,
    profile: str | None,
    device: str,
    data: Path | None,
    trusted: bool,
    lang: str,
    course_dir: Path | None,
) -> None:
    """Grade the hand-ins of HW: one marksheet a student, results.csv, report.html and feedback pages.

    DIR is nbgrader's submitted/ tree, a folder with one folder or archive a student, or one student's folder. Every
    marksheet is written as soon as it is known: after Ctrl-C, what is done is there.
    """
    from grader.course import find_course
    from grader.run import Order

    course = find_course(course_dir)
    where = submissions or course.root / "nbgrader" / "submitted"
    chosen = profile or str(course.run.get("profile", "quick"))
    order = Order(course, course.assignment(hw), where, out, workers, chosen, _device(device), data, trusted, lang)
    sys.exit(_graded(order))


def _device(asked: str) -> str:
    if asked == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if asked == "cuda":
        raise GraderError(
            "--device cuda: torch sees no GPU on this machine; run `grader doctor`, or pass --device cpu."
        )
    return "cpu"


def _graded(order: Any) -> int:
    """Run with a progress bar on stderr and a summary on stdout; the exit status."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from grader.run import run as grade

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("warming up", total=None)

        def begin(students: int, isolation: int) -> None:
            from grader.sandbox.isolation import NAMES

            progress.console.print(
                f"{order.assignment.id}: {students} hand-ins, profile {order.profile}, {NAMES[isolation]}",
                highlight=False,
            )
            progress.update(bar, total=students, description="grading")

        summary = grade(order, begin, lambda student: progress.update(bar, advance=1, description=f"graded {student}"))
    return _told(order, summary)


def _told(order: Any, summary: Any) -> int:
    for problem in summary.problems:
        click.echo(f"left out or refused: {problem.en}", err=True)
    if summary.scores:
        scores = sorted(summary.scores.values())
        middle = scores[len(scores) // 2]
        click.echo(
            f"{summary.graded} of {summary.students} graded in {summary.seconds:.1f} s; scores {scores[0]:g} to {scores[-1]:g}, median {middle:g}."
        )
        click.echo(f"Report: {order.folder / 'report.html'}")
    stood_in = [name for name, source in summary.data.items() if source == "stand-in"]
    if stood_in:
        click.echo(
            f"Practice: {', '.join(stood_in)} was a generated stand-in with bars of its own; for the real one, `grader data list`."
        )
    if summary.interrupted:
        click.echo("Interrupted: what was done is kept; run again to grade the rest.", err=True)
        return 130
    if summary.ungraded:
        click.echo(f"Not judged, to be graded again: {', '.join(summary.ungraded)}; the report says why.", err=True)
        return 1
    return 0


@main.command()
@click.argument("hw")
@out_option
@lang_option
@course_option
def feedback(hw: str, out: Path, lang: str, course_dir: Path | None) -> None:
    """Make the students' pages again from the marksheets, in English or Persian."""
    from grader.course import find_course
    from grader.run import write_pages

    assignment = find_course(course_dir).assignment(hw)
    number = write_pages(assignment, out / hw, lang)
    if not number:
        raise GraderError(f"There are no marksheets in {out / hw}; run `grader run {hw}` first, or pass its --out.")
    click.echo(f"{number} pages in {out / hw / 'feedback'}")


@main.command()
@click.argument("hw")
@out_option
@course_option
def report(hw: str, out: Path, course_dir: Path | None) -> None:
    """Make the instructor's report again from the marksheets."""
    from grader.course import find_course
    from grader.run import write_report

    assignment = find_course(course_dir).assignment(hw)
    if not write_report(assignment, out / hw):
        raise GraderError(f"There are no marksheets in {out / hw}; run `grader run {hw}` first, or pass its --out.")
    click.echo(f"Report: {out / hw / 'report.html'}")


@main.command()
@course_option
def doctor(course_dir: Path | None) -> None:
    """Probe what this machine gives: isolation layer by layer, devices; and the one fix for each that is missing."""
    from grader.course import find_course
    from grader.doctor import examine

    try:
        secret = find_course(course_dir).solutions / "draw.key"
    except GraderError:
        secret = Path.home()
    findings = examine(secret)
    for finding in findings:
        click.echo(f"{'yes' if finding.holds else 'no ':<4}{finding.what}: {finding.told}")
        if not finding.holds and finding.fix:
            click.echo(f"      {finding.fix}")
    sys.exit(0 if any(finding.holds for finding in findings[:2]) else 1)


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    metavar="DIR",
    help="Where the class and its results go.",
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, metavar="N", help="Submissions at a time."
)
@course_option
def demo(out: Path, workers: int, course_dir: Path | None) -> None:
    """Grade a sample class end to end: right, wrong, unfinished and hostile hand-ins, each with a score that is known."""
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
    status = _graded(order)
    from grader.run import read_results

    sheets, _ = read_results(order.folder)
    scores = {sheet["student"]: sheet["score"] for sheet in sheets}
    wrong = [m.id for m in people if scores.get(m.id) != expected_score(assignment, m)]
    click.echo(
        f"{len(people) - len(wrong)} of {len(people)} scores are the expected ones{': not ' + ', '.join(wrong) if wrong else ''}."
    )
    click.echo("Worth a look:")
    for member in [m for m in people if m.id in ("m01", "mix1", "x-loops" if isolated else "syntax")]:
        click.echo(f"  {member.id} ({member.about}): {order.folder / 'feedback' / f'{member.id}.html'}")
    sys.exit(status or bool(wrong))


@main.command()
@click.argument("question", required=False)
@click.option("--hidden", is_flag=True, help="Run the hidden checks too (where the solutions are open to you).")
@lang_option
@course_option
def check(question: str | None, hidden: bool, lang: str, course_dir: Path | None) -> None:
    """Run the examples of your modules: ok, no with what went wrong, or not written yet.

    QUESTION is a module or its beginning (q2); default: every question module in this folder.
    """
    from grader.practice import NO, check_module, word

    modules = sorted(path for path in Path.cwd().glob(f"{question or 'q'}*.py") if path.is_file())
    if not modules:
        raise GraderError(
            f"There is no module {question or 'q*'}.py in {Path.cwd()}; go to a folder such as exercises/hw5."
        )
    wrong = 0
    for path in modules:
        click.echo(path.name)
        for result in check_module(path):
            click.echo(f"  {word(result.state).in_language(lang):<16} {result.part:<10} {result.name}")
            if result.told:
                click.echo("\n".join(f"      {line}" for line in result.told.splitlines()))
            wrong += result.state == NO
    if hidden:
        wrong += _hidden(modules, lang, course_dir)
    sys.exit(1 if wrong else 0)


def _hidden(modules: list[Path], lang: str, course_dir: Path | None) -> int:
    """The hidden checks of these modules, on one's own machine; how many are not passed."""
    from grader.course import find_course

    course = find_course(course_dir)
    names = {path.stem for path in modules}
    for assignment in map(course.assignment, course.assignments):
        wanted = [q.id for q in assignment.questions if q.id in names]
        if wanted:
            break
    else:
        raise GraderError(f"None of {', '.join(sorted(names))} is a question of {course.root}; pass --course DIR.")
    try:
        from grader.checking.verifier import Verifier
        from grader.records import Submission
    except ImportError as fault:
        raise GraderError(
            f'Hidden checks need more packages ({fault.name} is missing): pip install "dlgrader[instructor]".'
        ) from fault
    if sys.platform == "win32":
        raise GraderError(
            "Hidden checks need Linux or macOS; on Windows run this in WSL2. The examples above work everywhere."
        )
    verifier = Verifier(course.root, assignment.id, trusted=True, questions=wanted)
    try:
        files = {path.name: path.read_bytes() for path in modules}
        verdict = verifier.grade(Submission("you", "", files), 0, assignment.data)
    finally:
        verifier.close()
    if verdict is None:
        raise GraderError(f"The hidden checks ended without a verdict; try again. {verifier.loss}")
    click.echo("hidden checks")
    for finding in verdict.findings:
        says = finding.check.says.in_language(lang)
        click.echo(f"  {finding.outcome:<10} {finding.check.part:<10} {says}")
        if finding.message.en and finding.message != finding.check.says:
            click.echo(f"      {finding.message.in_language(lang)}")
    return sum(finding.share != 1 for finding in verdict.findings)


@main.group(cls=Commands)
def data() -> None:
    """Data sets: what is here, downloads with checksums, and copies that you already have."""


@data.command("list")
@course_option
def data_list(course_dir: Path | None) -> None:
    """Each data set: real or stand-in, size on disk, licence, where it lies."""
    from grader.course import find_course
    from grader.data.adopt import listing

    for shelf in listing(find_course(course_dir).datasets):
        size = f"{shelf.bytes / 1e6:.0f} MB" if shelf.bytes else "-"
        click.echo(f"{shelf.name:<14} {shelf.source:<10} {size:>8}  {shelf.licence}; {shelf.where or shelf.home}")


@data.command("fetch")
@click.argument("name")
@course_option
def data_fetch(name: str, course_dir: Path | None) -> None:
    """Download NAME, verify its checksum, keep it; an interrupted download goes on where it stopped."""
    from rich.console import Console

    from grader.course import find_course
    from grader.data.fetch import fetch

    where = fetch(name, datasets=find_course(course_dir).datasets, console=Console(stderr=True))
    click.echo(f"{name} is in {where}")


@data.command("add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@course_option
def data_add(name: str, path: Path, course_dir: Path | None) -> None:
    """Adopt a copy of NAME from PATH (a folder or archive), after checking that it is the real one."""
    from rich.console import Console

    from grader.course import find_course
    from grader.data.adopt import add

    found = add(name, path, datasets=find_course(course_dir).datasets, console=Console(stderr=True))
    click.echo(f"{name} ({found.source}) is in {found.folder}")


if __name__ == "__main__":
    main()
