"""exercises/ is generated: in step, complete, and without a line of a solution."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.skeleton import new_question
from grader.authoring.sync import check, sync
from grader.course import find_course
from grader.errors import CourseError


def test_the_sample_is_in_step(course_folder: Path) -> None:
    """What is committed is what would be generated: two stubs and three pages."""
    assert check(find_course(course_folder), ("hw1",)) == 5


def test_what_is_in_step_is_not_written_again(course_folder: Path) -> None:
    """A second sync touches nothing: file times tell what changed."""
    assert sync(find_course(course_folder), ("hw1",)) == ([], [])


def test_everything_can_be_made_anew(course_folder: Path) -> None:
    """Whatever was changed, removed or added by hand, sync puts it right if told to, and check agrees."""
    course = find_course(course_folder)
    folder = course.exercises / "hw1"
    (folder / "q1_rows.py").write_text("changed\n", encoding="utf-8")
    (folder / "essays.md").unlink()
    (folder / "notes.txt").write_bytes(b"\xff")

    written, removed = sync(course, ("hw1",), replace=True)

    assert [path.name for path in written] == ["q1_rows.py", "essays.md"]
    assert [path.name for path in removed] == ["notes.txt"]
    assert not (folder / "notes.txt").exists()
    assert check(course, ("hw1",)) == 5


def test_what_somebody_wrote_is_named_and_nothing_is_changed(course_folder: Path) -> None:
    """In an open course students fill in the stubs where they lie: a word in one, an essay, a file of their own."""
    course = find_course(course_folder)
    folder = course.exercises / "hw1"
    for name, text in {"q1_rows.py": "# mine\n", "essays.md": "My words.\n", "helpers.py": "x = 1\n"}.items():
        _append(f"exercises/hw1/{name}", text)(course_folder)
    (folder / "README.md").unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with pytest.raises(CourseError) as caught:
        sync(course, ("hw1",))

    assert str(caught.value) == (
        "`grader sync` would overwrite or remove exercises/hw1/q1_rows.py, exercises/hw1/essays.md, "
        "exercises/hw1/helpers.py, written or changed by somebody since it last ran: name another assignment, move "
        "what is worth keeping elsewhere, or pass --replace."
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_stubs_that_nobody_wrote_in_follow_their_questions(course_folder: Path) -> None:
    """Again and again; the stub of a question that is no longer asked goes."""
    course = find_course(course_folder)
    table = course.solutions / "hw1" / "assignment.toml"
    for _ in range(2):
        _append(SOURCE, "\n# another line\n")(course_folder)
        written, removed = sync(course, ("hw1",))
        assert ([path.name for path in written], removed) == (["q1_rows.py"], [])
    gone = course.exercises / "hw1" / "q9_gone.py"
    new_question(course, "hw1/q9_gone")
    with_it = table.read_text(encoding="utf-8")
    sync(find_course(course_folder), ("hw1",))
    assert gone.exists()
    entry = with_it.index("\n[question.q9_gone]")
    table.write_text(with_it[:entry].replace(', "q9_gone"', ""), encoding="utf-8")

    _, removed = sync(find_course(course_folder), ("hw1",))

    assert removed == [gone]
    assert not gone.exists()


def _append(file: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        path = root / file
        path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + text, encoding="utf-8")

    return change


SOURCE = "solutions/hw1/q1_rows.py"
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "a stub edited by hand": (
        _append("exercises/hw1/q1_rows.py", "x = 1\n"),
        r"q1_rows\.py is not what solutions/hw1 generates; run `grader sync hw1`\.",
    ),
    "a stub that is not text": (
        lambda root: (root / "exercises/hw1/q1_rows.py").write_bytes(b"\xff\xfe"),
        r"q1_rows\.py is not what solutions/hw1 generates",
    ),
    "a solution changed since": (
        _append(SOURCE, "\n\ndef another(x):\n    pass\n"),
        r"q1_rows\.py is not what solutions/hw1 generates",
    ),
    "a stranger's file": (
        _append("exercises/hw1/answers.txt", "42"),
        r"answers\.txt is generated from nothing; run `grader sync hw1` to remove it\.",
    ),
    "no stubs at all": (
        lambda root: [path.unlink() for path in (root / "exercises/hw1").iterdir()],
        r"q1_rows\.py is not what solutions/hw1 generates",
    ),
    "a region left open": (
        _append(SOURCE, "\n\ndef another(x):\n    # BEGIN SOLUTION\n    pass\n"),
        r"q1_rows\.py:\d+: the region is left open",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_out_of_step_is_named(course_folder: Path, case: str) -> None:
    """`sync --check` says which file, and what to do."""
    change, sentence = WRONG[case]
    change(course_folder)

    with pytest.raises(CourseError, match=sentence):
        check(find_course(course_folder), ("hw1",))


UNUSABLE = {
    "a public function inside a region": (
        "\n\n# BEGIN SOLUTION\ndef another(x):\n    pass\n\n\n# END SOLUTION\n",
        r"its stub lacks another; a public function must stand outside of regions",
    ),
    "a stub that needs what vanished": (
        "\n\n# BEGIN SOLUTION\nLIMIT = 3\n# END SOLUTION\nTWICE = 2 * LIMIT\n",
        r"its stub cannot be imported: NameError: name 'LIMIT' is not defined",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_stub_that_students_could_not_use_is_refused(course_folder: Path, case: str) -> None:
    """Each stub imports and offers every public name."""
    text, sentence = UNUSABLE[case]
    _append(SOURCE, text)(course_folder)
    course = find_course(course_folder)
    sync(course, ("hw1",))

    with pytest.raises(CourseError, match=sentence):
        check(course, ("hw1",))


@pytest.mark.parametrize("place", ["hw1/old/q1_rows.py", "hw0/q1_rows.py", "notes.txt"])
def test_a_solution_s_line_anywhere_under_exercises_is_named(course_folder: Path, place: str) -> None:
    """Folders that no assignment has are public too; what tells nothing may lie there."""
    course = find_course(course_folder)
    path = course.exercises / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff\n")
    assert check(course, ("hw1",)) == 5
    path.write_text((course.solutions / "hw1/q1_rows.py").read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(CourseError, match=rf"{place}:\d+ shows a line of a solution region; remove the file: "):
        check(course, ("hw1",))


def test_a_page_that_shows_a_solution_s_line_is_refused(course_folder: Path) -> None:
    """A statement that quotes the solution by accident is caught before anything is written."""
    course = find_course(course_folder)
    path = course.solutions / "hw1" / "q1_rows.fa.toml"
    quoted = path.read_text(encoding="utf-8").replace(
        'statement = """\n', 'statement = """\nreturn whole_sum_of_entries / len(x)\n'
    )
    path.write_text(quoted, encoding="utf-8")
    before = (course.exercises / "hw1" / "README.fa.md").read_bytes()

    with pytest.raises(
        CourseError, match=r"hw1/README\.fa\.md:\d+ would show a line of a solution region: return whole"
    ):
        sync(course, ("hw1",))

    assert (course.exercises / "hw1" / "README.fa.md").read_bytes() == before
