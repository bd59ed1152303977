"""What instructors type before and after the students' work: `grader release`, `grader collect`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import Place, counted, course_option, language, out_folder, roster_option
from grader.cli.progress import progress
from grader.errors import GraderError


@click.command()
@click.argument("hw")
@roster_option
@language("The report card's language.")
@out_folder("released", "Where the folder and the zips go.")
@course_option
def release(hw: str, roster: Path | None, lang: str, out: Path, course_dir: Path | None) -> None:
    """Make what students receive: a folder, a zip, and nbgrader's release.

    In it are the stubs, the statements, essays.md, the report card (a notebook with a cell for every part), VS Code's
    settings, and this engine as a wheel; for a question that takes weights the notebook that trains it; nothing else of
    solutions/. nbgrader's tree is nbgrader/ in the course: go on
    with `nbgrader release_assignment HW`. A first release writes nbgrader_config.py.

    With --roster every student gets a zip of their own, HW-students/ID.zip, with their variant of the hand
    calculations. Variants are drawn once, kept in solutions/variants.toml, and used by `grader run`.
    """
    from grader.authoring import release as releasing
    from grader.course import find_course
    from grader.exchange import generate, home
    from grader.roster import read_roster
    from grader.store import write_atomically

    course = find_course(course_dir)
    assignment = course.assignment(hw)
    target = (out / hw).resolve()
    if target in (course.exercises / hw, course.solutions / hw):
        raise GraderError(f"{target} belongs to the course; pass another --out for the release.")
    students = read_roster(roster, course.with_variant) if roster else ()
    common = releasing.bundle(course, assignment, lang)
    for folder in (home(course) / "source" / hw, out / hw):
        if others := releasing.write(common, folder):
            click.echo(f"in {folder} beside the release: {', '.join(others)}", err=True)
    write_atomically(out / f"{hw}.zip", common.zipped())
    before = course.variants.get(hw, {})
    variants = releasing.draw_variants(course, assignment, students)
    zips = {number: releasing.of_variant(common, assignment, number).zipped() for number in set(variants.values())}
    for student, number in variants.items():
        write_atomically(out / f"{hw}-students" / f"{student}.zip", zips[number])
    click.echo(f"{counted(len(common.files), 'file')} in {out / hw} and {out / f'{hw}.zip'}")
    if students:
        drawn = f"{counted(len(variants), 'student')}, {counted(len(zips), 'variant')}"
        click.echo(f"{drawn}: {out / f'{hw}-students'}; hand out these alone")
        counts = releasing.variants_by_question(assignment)
        if len(set(counts.values())) > 1:
            several = ", ".join(f"{question} {number}" for question, number in counts.items())
            click.echo(f"variants beyond the fewest are given to nobody: {several}", err=True)
        if before and (late := [student for student in variants if student not in before]):
            click.echo(f"not in an earlier roster, so given a variant now: {', '.join(late)}", err=True)
    elif releasing.has_variants(course, assignment):
        click.echo("Students have variants of their own: pass --roster, and hand out their zips alone.", err=True)
    click.echo("nbgrader generate_assignment ...", err=True)
    if generate(course, hw):
        click.echo(f"wrote {course.root / 'nbgrader_config.py'}")
    numbers = "; in it are the numbers of variant 0, not each student's own" if len(zips) > 1 else ""
    click.echo(f"{home(course) / 'release' / hw} is ready for `nbgrader release_assignment {hw}`{numbers}")


@click.command()
@click.argument("hw")
@click.option(
    "--from",
    "source",
    type=Place(path_type=Path),
    metavar="PATH",
    help="A folder, or Moodle's or Canvas's download (its zip or unpacked); default: nbgrader's exchange.",
)
@click.option(
    "--keep",
    type=click.Choice(["latest", "best"]),
    default="latest",
    show_default=True,
    help="Which of several hand-ins counts; best: all are graded, the highest score stays.",
)
@roster_option
@course_option
def collect(hw: str, source: Path | None, keep: str, roster: Path | None, course_dir: Path | None) -> None:
    """Bring hand-ins into nbgrader/submitted/, where `grader run` and nbgrader look.

    Each gets the report card if it came without, with its essays from essays.md, and keeps its time. Archives are taken
    apart; what cannot be opened is told and goes on as it is, so that its marksheet says why. Collecting again takes
    what is newer, and names who is there from an earlier time alone. --roster translates a platform's numbers
    (lms_user_id) into ids; who is not in it is named, and so is who of it handed in nothing, and whom no variant is
    recorded for where others have one.
    """
    from grader.course import find_course
    from grader.exchange import home, inbound
    from grader.roster import read_roster
    from grader.submitted import gather

    course = find_course(course_dir)
    assignment = course.assignment(hw)
    students = read_roster(roster, course.with_variant) if roster else ()
    where = inbound(course) if source is None else source
    with progress("collecting") as advance:
        gathered = gather(
            course, assignment, where, keep=keep, roster=students, exchange=source is None, advance=advance
        )
    for problem in gathered.problems:
        click.echo(f"note: {problem.en}", err=True)
    there = home(course) / "submitted"
    if not gathered.written and not gathered.unchanged:
        raise GraderError(f"Nothing could be collected into {there}; the notes above say why.")
    click.echo(
        f"{len(gathered.written)} collected, {len(gathered.unchanged)} as before, in {there}; now `grader run {hw}`."
    )
