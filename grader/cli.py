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
    "--course", "course_dir", type=click.Path(path_type=Path), metavar="DIR", help="The course's folder; default: the nearest parent."
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, metavar="DIR", help="Where results lie."
)
lang_option = click.option("--lang", type=click.Choice(["en", "fa"]), default="en", show_default=True, help="English or Persian.")


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
                click.echo(f"{'ok  ' if not proof.faults else 'FAIL'} {proof.question} {proof.name} ({proof.seconds:.2f} s)")
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
