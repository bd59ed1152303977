"""Nothing secret leaves: what students receive, and what is published, holds no line of solutions, checks or key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from grader.course import find_course
from tests.sample_course import ROOT, SAMPLE

COURSES = {"course": ROOT, "sample": SAMPLE}
TELLING = 12  # characters: a shorter line (`return x`, `else:`) could stand anywhere


def lines_of(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def split(path: Path) -> tuple[set[str], set[str]]:
    """The stripped lines of a question outside of its regions, and those within, laid-out ones (`# STUB`) left out."""
    shown, hidden, inside = set[str](), set[str](), False
    for line in lines_of(path):
        if line in ("# BEGIN SOLUTION", "# END SOLUTION"):
            inside = line == "# BEGIN SOLUTION"
        elif not inside:
            shown.add(line)
        elif line.startswith("# STUB"):
            shown.add(line.removeprefix("# STUB").strip())
        else:
            hidden.add(line)
    return shown, hidden


def secrets(root: Path) -> dict[str, set[str]]:
    """Every telling line under solutions/ that no student may read, by file."""
    folder = root / "solutions"
    questions = [path for path in folder.rglob("*.py") if path.with_name(f"test_{path.name}").exists()]
    public = set().union(*(split(path)[0] for path in questions)) if questions else set()
    found = {str(path): split(path)[1] for path in questions}
    found |= {str(path): set(lines_of(path)) for path in folder.rglob("*.py") if path not in questions}
    found |= {str(path): set(lines_of(path)) for path in folder.rglob("*.variants.toml")}
    return {name: {line for line in lines - public if len(line) >= TELLING} for name, lines in found.items()}


def test_there_is_something_to_hide() -> None:
    """The search below would find nothing if it looked for nothing: every solution and check file gives secrets."""
    for root in COURSES.values():
        found = secrets(root)

        assert len(found) > 5
        assert all(lines for name, lines in found.items() if Path(name).name.startswith(("q", "test_")))


@pytest.mark.parametrize("course", COURSES)
def test_what_a_rubric_calls_right_is_not_in_what_students_receive(course: str) -> None:
    """Of each line they read what is judged; what stands behind its colon, in either language, is the markers'."""
    found = find_course(COURSES[course])
    pages = [path for path in found.exercises.rglob("*") if path.suffix in (".py", ".md")]
    received = "".join(path.read_text(encoding="utf-8") for path in pages)
    lines = [
        said
        for name in found.assignments
        for essay in found.assignment(name).essays
        for line in essay.rubric
        for said in (line.text.en, line.text.fa)
    ]

    assert lines
    assert [line for line in lines if not line.partition(":")[2] or line.partition(":")[2] in received] == []


@pytest.mark.parametrize("course", COURSES)
def test_no_secret_line_is_in_what_students_receive(course: str) -> None:
    """No line of a solution region, a hidden check, a mistake file or another variant is in exercises/."""
    root = COURSES[course]
    received = {
        str(path): set(lines_of(path)) for path in (root / "exercises").rglob("*") if path.suffix in (".py", ".md")
    }
    leaks = [
        (theirs, line)
        for lines in secrets(root).values()
        for theirs, read in received.items()
        for line in sorted(lines & read)
    ]

    assert received
    assert leaks == []


@pytest.mark.parametrize("course", COURSES)
def test_the_draws_key_is_nowhere_but_in_its_file(course: str) -> None:
    """Neither what students receive nor the engine holds the key."""
    root = COURSES[course]
    key = find_course(root).draw_key
    places = [*(root / "exercises").rglob("*"), *(ROOT / "grader").rglob("*")]

    assert len(key) >= 16
    assert [path for path in places if path.is_file() and key in path.read_bytes()] == []


def test_exercises_hold_nothing_that_was_not_generated() -> None:
    """Stubs, two pages and the essays: no check, no mistake, no Persian table of hints, no folder of ours."""
    for root in COURSES.values():
        for folder in (root / "exercises").iterdir():
            course = find_course(root)
            stubs = {f"{question.id}.py" for question in course.assignment(folder.name).questions}
            there = {path.name for path in folder.iterdir() if path.name != "__pycache__"}

            assert there == stubs | {"README.md", "README.fa.md", "essays.md"}


def test_what_is_installed_is_the_engine_alone() -> None:
    """Wheel and source archive take in `grader`; solutions and key have no way into them."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]

    assert built["wheel"] == {"packages": ["grader"]}
    assert not any(name.startswith(("solutions", "exercises", "tests", ".")) for name in built["sdist"]["include"])
    assert "grader" in built["sdist"]["include"]


def test_the_engine_holds_no_line_of_a_solution() -> None:
    """The one importable package could be published whole: no example in it is a hidden check of the course."""
    engine = {line for path in (ROOT / "grader").rglob("*.py") for line in lines_of(path) if len(line) >= 40}
    hidden = set().union(*secrets(ROOT).values())

    assert sorted(engine & hidden) == []


def test_the_engine_looks_into_no_solutions_folder_of_its_own() -> None:
    """Only course.py knows where solutions lie; everybody else is handed an assignment."""
    knows = [
        path.relative_to(ROOT / "grader").as_posix()
        for path in (ROOT / "grader").rglob("*.py")
        if "draw.key" in path.read_text(encoding="utf-8") or "draw_key" in path.read_text(encoding="utf-8")
    ]

    assert set(knows) == {
        "course.py",  # reads it
        "checking/draws.py",  # draws with it
        "score.py",  # writes its fingerprint
        "changes.py",  # compares two fingerprints
        "digests.py",  # a finding rests on it
        "export/gradescope.py",  # packs the course for Gradescope's machine, which grades with it
        "authoring/skeleton.py",  # makes a new one
        "hostile_samples.py",  # the demo's reader looks for it, in vain
        "cli/instructor.py",  # doctor proves that a worker cannot read it
    }


def test_the_container_is_made_of_the_engine_alone() -> None:
    """A layer keeps what was copied into it, even if a later one removes it."""
    words = [line.split() for line in lines_of(ROOT / "Containerfile") if line.startswith(("COPY ", "ADD "))]
    copied = {word for line in words for word in line[1:-1]}

    assert copied == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "CHANGELOG.md", "grader"}
    assert all((ROOT / name).exists() for name in copied)
