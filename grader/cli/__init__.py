"""The command line: one function a command, each of which asks the engine and prints. No work is done here."""

from __future__ import annotations

import io
import sys

import click

from grader import __version__
from grader.cli import author, exchange, gradebook, instructor, student
from grader.cli.options import Commands
from grader.errors import GraderError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """A deep-learning course that grades itself.

    Students: check, data. Authors: new, new-course, sync, verify. Instructors: release, collect, run,
    record, essays, feedback, report, export, doctor. Anyone: demo.

    Exit status: 0 done; 1 some checks could not be graded; 2 wrong use, one sentence says what to do.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal's encoding lacks is shown escaped, and stops nobody
            stream.reconfigure(errors="backslashreplace")
    if (names := sys.getfilesystemencoding()) != "utf-8":
        raise GraderError(
            f"Python reads file names as {names} here, and a student's may have any letter: "
            "set PYTHONUTF8=1 in the environment and type the command again."
        )


for command in (
    student.check,
    student.data,
    author.new,
    author.new_course,
    author.sync,
    author.verify,
    exchange.release,
    exchange.collect,
    instructor.run,
    gradebook.record,
    gradebook.essays,
    instructor.feedback,
    instructor.report,
    gradebook.export,
    instructor.doctor,
    instructor.demo,
):
    main.add_command(command)
