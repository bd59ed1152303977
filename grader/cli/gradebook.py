"""What instructors type when grading is done: `grader record`, `essays`, `export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    counted,
    course_option,
    nothing_graded,
    out_option,
    pages_lang_option,
    roster_option,
    submissions_option,
)
from grader.cli.progress import progress
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.course import Assignment, Course
    from grader.records import Marksheet
    from grader.roster import Student

practice_option = click.option(
    "--practice", is_flag=True, help="Take marks for trainings on generated data or of the quick profile too."
)


@click.command()
@click.argument("hw")
@out_option
@practice_option
@pages_lang_option
@course_option
def record(hw: str, out: Path, practice: bool, lang: str, course_dir: Path | None) -> None:
    """Write the marksheets into nbgrader's gradebook.

    What `nbgrader autograde HW` does with our configuration, without calling it: points by part, penalties for
    lateness by nbgrader's plugin, and autograded/, from which formgrader and generate_feedback work. Marks and extra
    credit that a person gave stay as they are; where the machine would give other points, both are told. Exit status 1
    if somebody is left out; each is named.
    """
    course, assignment, graded = _marksheets(hw, out, course_dir)
    from grader.exchange import gradebook_path
    from grader.gradebook.recording import record as write  # nbgrader takes seconds to load

    with progress("recording", len(graded)) as advance:
        summary = write(course, assignment, out, graded, practice=practice, lang=lang, advance=advance)
    for problem in summary.problems:
        click.echo(f"left out: {problem}", err=True)
    click.echo(f"{len(summary.students)} of {len(graded)} in {gradebook_path(course)}.")
    if summary.waiting:
        count = counted(sum(map(len, summary.waiting.values())), "part")
        click.echo(f"Waiting for a person: {count} of {counted(len(summary.waiting), 'student')}; grader essays {hw}.")
        for student, parts in summary.waiting.items():
            click.echo(f"  {student}: {', '.join(parts)}")
    if summary.overruled:
        click.echo("A person's marks that stay in place of the machine's:")
        for one in summary.overruled:
            click.echo(f"  {one.student}: {one.part} {one.given:g}, by the machine {one.earned:g}")
    sys.exit(1 if summary.problems else 0)


@click.command()
@click.argument("hw")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--read", is_flag=True, help="Read markers' FILEs into the gradebook.")
@click.option("--replace", is_flag=True, help="With --read: let FILEs replace other marks that the gradebook has.")
@submissions_option
@out_option
@pages_lang_option
@course_option
def essays(
    hw: str,
    files: tuple[Path, ...],
    read: bool,
    replace: bool,
    submissions: Path | None,
    out: Path,
    lang: str,
    course_dir: Path | None,
) -> None:
    """Make marking sheets for the essays, or read them back.

    Without --read: one offline page an essay, with every answer; mark by keyboard and save a CSV file. With --read: the
    marks of all FILEs go into the gradebook together. Where two markers, or a marker and the gradebook, differ, nobody
    is overruled: each such mark is listed, the others are taken, and the exit status is 1.
    """
    if read != bool(files):
        raise GraderError(
            "grader essays --read FILE... reads markers' files, and without files it makes pages: give both or neither."
        )
    from grader.class_pages import essays_of, write_essays
    from grader.course import find_course
    from grader.exchange import home

    course = find_course(course_dir)
    assignment = course.assignment(hw)
    if not assignment.essays:
        raise GraderError(f"{hw} has no essays.")
    if read:
        sys.exit(_read(course, assignment, files, replace))
    answers, left_out = essays_of(submissions or home(course) / "submitted", assignment)
    for one in left_out:
        click.echo(f"left out: {one}", err=True)
    for path in write_essays(answers, course, assignment, out / hw, lang):
        click.echo(f"wrote {path}")
    click.echo(f"Open one, mark, save; then: grader essays {hw} --read FILE...")


def _read(course: Course, assignment: Assignment, files: tuple[Path, ...], replace: bool) -> int:
    from grader.gradebook.book import give_marks, marks_of
    from grader.marking import against, read_marks

    contents = {}
    for path in files:
        try:
            contents[str(path)] = path.read_bytes()
        except OSError as fault:
            raise GraderError(f"{path} cannot be read: {fault.strerror}.") from fault
    marks, conflicts = read_marks(contents, assignment)
    fresh = marks
    if not replace:
        fresh, others = against(marks, marks_of(course, assignment))
        conflicts += others
    give_marks(course, assignment, fresh)
    click.echo(f"New in the gradebook: {counted(len(fresh), 'mark')}.")
    for conflict in conflicts:
        click.echo(f"not taken, settle it first: {conflict}", err=True)
    return 1 if conflicts else 0


@click.command()
@click.argument("hw")
@click.argument("system", type=click.Choice(["moodle", "canvas", "gradescope", "csv"]))
@click.option("--column", metavar="NAME", help="Canvas: the assignment's heading, such as 'Homework 1 (4711)'.")
@click.option(
    "--ids-are-numbers", is_flag=True, help="Ids are the platform's numbers: its download, collected without a roster."
)
@roster_option
@out_option
@practice_option
@pages_lang_option
@course_option
def export(
    hw: str,
    system: str,
    column: str | None,
    ids_are_numbers: bool,
    roster: Path | None,
    out: Path,
    practice: bool,
    lang: str,
    course_dir: Path | None,
) -> None:
    """Write files that another system imports.

    Moodle: the grading worksheet and the feedback pages in one archive. Canvas: the gradebook's CSV. Gradescope: a
    results.json for each student, and an autograder. csv: a table with points by part. A person's marks, extra credit
    and penalties for lateness are counted. Names and the platform's own numbers (lms_user_id) come from the roster,
    else from nbgrader's list of students; an id is never taken for such a number, unless --ids-are-numbers says so.
    Whoever has none is left out of Moodle's files, and for Canvas named: it looks for them by SIS User ID, which is the
    id here. Exit status 1 if somebody is left out or something still waits for a person; each is named.
    """
    from grader.class_pages import marks_beside, write_pages
    from grader.export import canvas, gradescope, moodle, plain
    from grader.export.row import rows_of, without_number
    from grader.marks import refuse_practice
    from grader.store import write_atomically

    course, assignment, graded = _marksheets(hw, out, course_dir)
    refuse_practice(graded, allowed=practice)
    marks = marks_beside(course, assignment)
    people = _people(course, roster, {one.student for one in graded})
    rows = rows_of(graded, marks, people, ids_are_numbers=ids_are_numbers)
    left_out: list[str] = []
    match system:
        case "moodle":
            write_pages(course, assignment, out / hw, lang)
            pages = {row.who.id: (out / hw / "feedback" / f"{row.who.id}.html").read_bytes() for row in rows}
            made = moodle.files(rows, pages)
            left_out = without_number(rows)
        case "canvas":
            made = canvas.files(rows, column or assignment.title.en)
            if by_id := without_number(rows):
                told = "no number of the platform's, so Canvas looks for them by SIS User ID"
                click.echo(f"{told}: {', '.join(by_id)}", err=True)
        case "gradescope":
            made = gradescope.files(rows, course, assignment, practice=practice)
        case _:
            made = plain.files(rows)
    for name, content in made.items():
        write_atomically(out / hw / "export" / system / name, content)
    click.echo(f"{counted(len(made), 'file')} in {out / hw / 'export' / system}")
    if left_out:
        click.echo(f"left out, no number of the platform's: {', '.join(left_out)}", err=True)
    waiting = {row.who.id: row.standing.waiting for row in rows if row.standing.waiting}
    if waiting:
        click.echo(f"not final, something waits for a person: {counted(len(waiting), 'student')}", err=True)
        for student, parts in waiting.items():
            click.echo(f"  {student}: {', '.join(parts)}", err=True)
    sys.exit(1 if left_out or waiting else 0)


def _people(course: Course, roster: Path | None, graded: set[str]) -> dict[str, Student]:
    """Who the students are, by id: the roster's rows, else those of the gradebook."""
    from grader.exchange import gradebook_path
    from grader.roster import read_roster

    if roster:
        return {student.id: student for student in read_roster(roster, graded)}
    if not gradebook_path(course).exists():
        return {}
    from grader.gradebook.book import people

    return people(course)


def _marksheets(hw: str, out: Path, course_dir: Path | None) -> tuple[Course, Assignment, list[Marksheet]]:
    """The course, the assignment and its marksheets; GraderError where nothing is graded yet."""
    from grader.course import find_course
    from grader.marksheets import read_results

    course = find_course(course_dir)
    assignment = course.assignment(hw)
    graded = list(read_results(out / hw))
    if not graded:
        raise nothing_graded(hw, out)
    return course, assignment, graded
