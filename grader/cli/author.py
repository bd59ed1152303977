"""What authors type: `grader new`, `new-course`, `sync`, `verify`."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import counted, course_option, workers_option
from grader.errors import GraderError, NoCourseError

if TYPE_CHECKING:
    from grader.checking.verifier import Verifier
    from grader.course import Assignment, Course, Question

ENOUGH = 0.95  # of the mutants: who notices fewer lets ordinary slips through


@click.command()
@click.argument("where", metavar="HW/QUESTION")
@course_option
def new(where: str, course_dir: Path | None) -> None:
    """Start a question, such as hw6/q1_name.

    Writes a module, a hidden check, its Persian text (where the course's title has one) and one mistake, all of which
    pass `grader verify` at once.
    """
    from grader.authoring.skeleton import new_question
    from grader.course import find_course

    course = find_course(course_dir)
    for path in new_question(course, where):
        click.echo(f"wrote {path.relative_to(course.root)}")
    click.echo(f"Now: grader verify {where}; edit; grader sync {where.partition('/')[0]}.")


@click.command("new-course")
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--from", "names", multiple=True, metavar="HW,HW", help="Assignments to copy, such as hw1,hw5; default: none."
)
@course_option
def new_course(target: Path, names: tuple[str, ...], course_dir: Path | None) -> None:
    """Make a private, graded course of your own.

    The content of some assignments is copied, and the cards of data sets; the draws' key is the new course's own. One
    without assignments may be made anywhere, in no other course too.
    """
    from grader.authoring import skeleton
    from grader.course import find_course

    asked = tuple(name.strip() for listed in names for name in listed.split(","))
    try:
        source = find_course(course_dir)
    except NoCourseError:
        if asked or course_dir:
            raise
        source = None  # an empty course begins anywhere
    made = skeleton.new_course(source, target, asked)
    click.echo(
        f"{made.root} holds {', '.join(made.assignments) or 'no assignment yet: `grader new hw1/q1_name` there'}. "
        "Publish its exercises/ alone; solutions/ is the secret. "
        f"Its title and term ({made.term}) stand in course.toml."
    )


@click.command()
@click.argument("names", nargs=-1, metavar="[HW]...")
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; exit 2 if a stub is not what would be generated."
)
@click.option("--replace", is_flag=True, help="Lose what somebody has written in exercises/.")
@course_option
def sync(names: tuple[str, ...], only_check: bool, replace: bool, course_dir: Path | None) -> None:
    """Regenerate exercises/ from solutions/.

    All assignments, or the ones named. Where somebody has written in a file, or added one, nothing is changed: what
    sync wrote it knows by solutions/HW/exercises.sha256.
    """
    from grader.authoring import sync as stubs
    from grader.course import find_course

    course = find_course(course_dir)
    chosen = names or course.assignments
    if only_check:
        click.echo(
            f"{stubs.check(course, chosen)} files are what solutions/ generates, and none shows a solution's line."
        )
    else:
        for did, paths in zip(("wrote", "removed"), stubs.sync(course, chosen, replace=replace), strict=True):
            for path in paths:
                click.echo(f"{did} {path.relative_to(course.root)}")


@click.command()
@click.argument("question", required=False)
@click.option(
    "--mutants", is_flag=True, help="Change each solution in small wrong ways instead; say which nobody notices."
)
@workers_option
@course_option
def verify(question: str | None, mutants: bool, workers: int, course_dir: Path | None) -> None:
    """Prove that questions judge as they say.

    The solution earns everything, with the numbers of each variant too, the stub nothing, each mistake exactly its
    hint and share. QUESTION is an assignment (hw5), a question (q2_conv_backprop), or both (hw5/q2); default: the
    whole course.

    With --mutants, flipped signs, dropped terms, other axes, numbers off by one, lost transposes, other reductions
    and comparisons, one at a time, trainings left out; status 1 if the checks notice fewer than 95 % of them.
    """
    from rich.console import Console

    from grader.checking.verifier import Verifier
    from grader.course import find_course

    course = find_course(course_dir)
    failed, counts = 0, Counter[str]()
    for assignment, questions in _chosen(course, question):
        with Console(stderr=True).status("warming up"):  # on a terminal alone, and gone again
            verifier = Verifier(course.root, assignment.id, trusted=True, questions=[q.id for q in questions])
        try:
            if mutants:
                counts += _mutants_noticed(questions, verifier, workers)
            else:
                failed += _proofs_failed(questions, verifier, workers)
        finally:
            verifier.close()
    if failed:
        click.echo(f"{counted(failed, 'proof')} failed.", err=True)
        sys.exit(1)
    if mutants:
        sys.exit(0 if _told(question or counted(len(course.assignments), "assignment"), counts) else 1)


def _proofs_failed(questions: list[Question], verifier: Verifier, workers: int) -> int:
    from grader.authoring.verify import prove

    failed = 0
    for proof in prove(questions, verifier, workers):
        click.echo(f"{'ok  ' if not proof.faults else 'FAIL'} {proof.question} {proof.name} ({proof.seconds:.2f} s)")
        for fault in proof.faults:
            click.echo(textwrap.indent(fault, "     "))
        failed += bool(proof.faults)
    return failed


def _mutants_noticed(questions: list[Question], verifier: Verifier, workers: int) -> Counter[str]:
    """How many mutants are noticed, how many are explained to be no mistake (spared), and how many are missed."""
    from grader.authoring.verify import try_mutants

    total = Counter[str]()
    for question in questions:
        counts = Counter[str]()
        for trial in try_mutants([question], verifier, workers):
            fate = "noticed" if trial.noticed else "spared" if trial.why else "missed"
            counts[fate] += 1
            if fate == "missed":
                place = f"{question.file}:{trial.mutant.line}"
                click.echo(f"nobody notices {place}: {trial.mutant.was!r} -> {trial.mutant.now!r}")
        _told(question.id, counts)
        total += counts
    return total


def _told(name: str, counts: Counter[str]) -> bool:
    """Say how many mutants were noticed; whether they are enough."""
    noticed, asked = counts["noticed"], counts["noticed"] + counts["missed"]
    share = noticed / asked if asked else 1.0
    click.echo(f"{name}: {noticed} of {asked} mutants noticed ({share:.1%}); {counts['spared']} are no mistakes")
    return share >= ENOUGH


def _chosen(course: Course, name: str | None) -> list[tuple[Assignment, list[Question]]]:
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
