"""The release: what is named and nothing else, each student's own numbers, and nothing secret in any byte of it."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring.release import Bundle, bundle, draw_variants, of_variant, with_given, write
from grader.authoring.wheel import wheel_name
from grader.checking.given import given_of, variants_of
from grader.course import find_course
from grader.errors import CourseError, GraderError
from grader.roster import Student
from tests.sample_course import ROOT, sample
from tests.test_fence import secrets

COURSES = {
    "course": (ROOT, "hw5"),
    "hand calculations": (ROOT, "hw4"),
    "sample": (ROOT / "tests/samples/course", "hw1"),
}
FAMILIAR = 40  # characters: a shorter line of the engine may well stand in a check too


def unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with those inside archives, however deep: what a student can read."""
    found = {}
    for name, content in files.items():
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                found |= unpacked({f"{name}/{inner}": book.read(inner) for inner in book.namelist()})
        else:
            found[name] = content
    return found


def given_in(module: bytes) -> dict[str, object]:
    (node,) = [n for n in ast.parse(module).body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "GIVEN"]
    given = ast.literal_eval(node.value)
    assert isinstance(given, dict)
    return given


def test_the_release_is_what_is_named() -> None:
    """Stubs and pages as in exercises/, the report card, what the environments need; in two languages."""
    course, assignment = sample()
    files = bundle(course, assignment, "fa").files
    exercises = course.exercises / "hw1"

    assert set(files) == {
        *("README.md", "README.fa.md", "essays.md", "q1_rows.py", "q2_table.py", "hw1.ipynb"),
        *("requirements.txt", wheel_name(), ".vscode/settings.json", ".vscode/extensions.json"),
    }
    for name in ("essays.md", "q1_rows.py", "q2_table.py"):
        assert files[name] == (exercises / name).read_bytes()
    assert files["README.md"].startswith((exercises / "README.md").read_bytes())
    assert f"./{wheel_name()}\n".encode() in files["requirements.txt"]
    assert "سطرها و یک جدول" in json.loads(files["hw1.ipynb"])["cells"][0]["source"][2]


@pytest.mark.parametrize("page", ["README.md", "README.fa.md"])
def test_the_page_has_a_session_for_each_place(page: str) -> None:
    """Terminal, VS Code, Jupyter and Colab, with the names of this assignment filled in."""
    course, assignment = sample()
    text = bundle(course, assignment).files[page].decode()

    for asked in ("### VS Code", "### Jupyter", "### Colab", "-m venv .venv", "jupyter lab hw1.ipynb"):
        assert asked in text
    for asked in ("python -m doctest q1_rows.py", f"%pip install -q ./{wheel_name()}", "nbgrader submit hw1"):
        assert asked in text
    assert "{" not in text.partition("### ")[2]
    assert "hw1.zip" not in text  # with a roster it has the student's name
    terminal = text.partition("### ")[2].partition("### ")[0]
    assert len({line.index(" # ") for line in terminal.splitlines() if " # " in line}) == 1  # remarks in one column


@pytest.mark.parametrize("name", COURSES)
def test_nothing_secret_is_in_any_byte(name: str) -> None:
    """No line of a region, a check, a mistake or a variants' table, nor the key, in any file of any variant."""
    root, hw = COURSES[name]
    course = find_course(root)
    assignment = course.assignment(hw)
    common = bundle(course, assignment)
    hidden = {line for lines in secrets(root).values() for line in lines}
    read = {}
    for variant in range(min((variants_of(q) for q in assignment.questions if given_of(q, 0)), default=1)):
        read |= unpacked({f"{variant}.zip": of_variant(common, assignment, variant).zipped()})

    told = [
        (file, line.strip())
        for file, content in read.items()
        for line in content.decode("utf-8", "replace").splitlines()
        if line.strip() in hidden and ("/grader/" not in file or len(line.strip()) >= FAMILIAR)
        if not file.endswith("/grader/authoring/skeleton.py")  # new questions begin as the sample course's do
    ]
    assert told == []
    assert [file for file, content in read.items() if course.draw_key in content] == []


@pytest.mark.parametrize("hw", ["hw1", "hw4", "hw5"])
def test_each_variant_has_its_own_numbers_and_no_others(hw: str) -> None:
    """GIVEN is the student's own, everything else of the module stays, and no other variant's lists are anywhere."""
    course = find_course(ROOT)
    assignment = course.assignment(hw)
    common = bundle(course, assignment)
    questions = [q for q in assignment.questions if given_of(q, 0)]

    number = min(map(variants_of, questions))

    assert number > 1
    for question in questions:
        stub = common.files[f"{question.id}.py"].decode()
        for variant in range(number):
            own = of_variant(common, assignment, variant)
            text = own.files[f"{question.id}.py"].decode()
            given = given_of(question, variant)
            others = [g for n in range(number) if n != variant for g in given_of(question, n).items()]

            assert given_in(text.encode()) == given
            assert with_given(text, given_of(question, 0)) == with_given(stub, given_of(question, 0))
            for key, value in others:
                if len(repr(value)) >= 8 and value != given[key]:
                    assert all(repr(value).encode() not in content for content in own.files.values())


def test_numbers_are_laid_out_as_they_were() -> None:
    """On one line or one key a line; a comment behind it stays."""
    one = 'A = 1\nGIVEN = {"a": (2, 3)}  # یک\n\nB = 2\n'
    many = 'GIVEN = {\n    "a": 1,\n    "b": [1],\n}\n\nB = 2\n'

    assert with_given(one, {"a": (5, 7)}) == 'A = 1\nGIVEN = {"a": (5, 7)}  # یک\n\nB = 2\n'
    assert with_given(many, {"a": 9, "b": [8]}) == 'GIVEN = {\n    "a": 9,\n    "b": [8],\n}\n\nB = 2\n'
    with pytest.raises(GraderError, match="has no GIVEN"):
        with_given("A = 1\n", {"a": 1})


def test_variants_are_drawn_once(course_folder: Path) -> None:
    """Neighbours differ, all variants are used alike, and a second roster changes nobody's."""
    course = find_course(course_folder)
    assignment = course.assignment("hw1")
    number = variants_of(assignment.question("q2"))
    students = [Student(f"s{n}") for n in range(2 * number)]

    first = draw_variants(course, assignment, students)
    second = draw_variants(course, assignment, [Student("late"), *reversed(students)])

    assert sorted(first.values()) == sorted([*range(number), *range(number)])
    assert all(first[f"s{n}"] != first[f"s{n + 1}"] for n in range(number - 1))
    assert {student: second[student] for student in first} == first
    assert all(course.variant_of("hw1", student) == variant for student, variant in second.items())


def test_an_assignment_without_hand_calculations_has_one_variant(course_folder: Path) -> None:
    """Everybody has variant 0, and the common bundle is theirs."""
    course = find_course(course_folder)
    assignment = course.assignment("hw1")
    plain = replace(assignment, questions=(assignment.question("q1"),))

    assert draw_variants(course, plain, [Student("s1"), Student("s2")]) == {"s1": 0, "s2": 0}


def test_exercises_out_of_step_are_not_released(course_folder: Path) -> None:
    """What solutions/ would generate differs from what would go out."""
    course = find_course(course_folder)
    (course.exercises / "hw1" / "q1_rows.py").write_text("x = 1\n", encoding="utf-8")

    with pytest.raises(CourseError, match="run `grader sync hw1`"):
        bundle(course, course.assignment("hw1"))


def test_an_older_wheel_goes_and_other_files_stay(tmp_path: Path) -> None:
    """Writing again replaces our files, and tells what else lies there."""
    for name in ("dlgrader-0.0.1-py3-none-any.whl", "data.csv"):
        (tmp_path / name).write_bytes(b"")

    others = write(Bundle("hw1", {"a/b.py": b"1"}), tmp_path)

    assert others == ["data.csv"]
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b.py", "data.csv"]
