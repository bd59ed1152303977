"""nbgrader's own programs on our course: release, fetch, validate, submit, list and collect, with a real exchange."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from traitlets.config import Config

from grader.course import Course, find_course
from grader.errors import GraderError
from grader.exchange import TWO_LINES, configuration, configure, generate, gradebook_path, home, inbound, nbgrader
from tests.commandline import typed
from tests.prices import prices
from tests.sample_course import copied, lay, solved

SLIP = "test_q1_rows.py"  # what an instructor should not have copied there


@dataclass(frozen=True)
class School:
    """A released course, the exchange's folder, and a student's desk with what was fetched onto it."""

    course: Course
    exchange: Path
    desk: Path

    def student(self, *words: str) -> str:
        """What an nbgrader program says to the student."""
        ended = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=self.desk,
            env={**os.environ, "HOME": str(self.desk), "JUPYTER_DATA_DIR": str(self.desk / ".jupyter")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """`grader release hw1`, `nbgrader release_assignment`, `nbgrader fetch_assignment`."""
    tmp = tmp_path_factory.mktemp("school")
    course = find_course(copied(tmp / "course"))
    exchange = tmp / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    place = f'c.Exchange.root = "{exchange}"\n'
    (course.root / "nbgrader_config.py").write_text(f"{TWO_LINES}\n{place}", encoding="utf-8")
    lay(home(course) / "source" / "hw1", {SLIP: b"secret"})
    told = typed("release", "hw1", folder=course.root)
    assert told.exit_code == 0, told.output
    assert f"beside the release: {SLIP}" in told.stderr
    nbgrader(course, "release_assignment", "hw1")
    school = School(course, exchange, tmp / "desk")
    lay(
        school.desk,
        {"nbgrader_config.py": f'c = get_config()\nc.CourseDirectory.course_id = "sample"\n{place}'.encode()},
    )
    school.student("fetch_assignment", "hw1")
    return school


def test_the_gradebook_knows_every_part(school: School) -> None:
    """generate_assignment wrote a grade cell a part: its points, a bonus 0, an essay for a person."""
    with closing(sqlite3.connect(home(school.course) / "gradebook.db")) as book:
        cells = book.execute("select name, max_score, cell_type from grade_cells join base_cell using (id)").fetchall()

    assert {name: (points, kind) for name, points, kind in cells} == {
        "q1a": (2, "code"),
        "q1b": (2, "code"),
        "q1c": (1, "code"),
        "q2a": (3, "code"),
        "q2b": (0, "code"),
        "q2e": (2.5, "markdown"),
    }


def test_a_configuration_with_our_lines_stays(school: School) -> None:
    """What else somebody wrote into nbgrader_config.py is still there after a release."""
    text = (school.course.root / "nbgrader_config.py").read_text(encoding="utf-8")

    assert text == f'{TWO_LINES}\nc.Exchange.root = "{school.exchange}"\n'


def test_what_students_fetch_is_the_release(school: School) -> None:
    """Every file of the folder that `grader release` made; the report card has nbgrader's checksums in it."""
    released, fetched = school.course.root / "released" / "hw1", school.desk / "hw1"
    names = {path.relative_to(released) for path in released.rglob("*") if path.is_file()}

    assert (home(school.course) / "source" / "hw1" / SLIP).exists()
    assert {path.relative_to(fetched) for path in fetched.rglob("*") if path.is_file()} == names
    for name in names - {Path("hw1.ipynb")}:
        assert (fetched / name).read_bytes() == (released / name).read_bytes()
    assert "checksum" in (fetched / "hw1.ipynb").read_text(encoding="utf-8")


def test_validate_finds_nothing_wrong(school: School) -> None:
    """The grade cells hold nothing that could fail: all that nbgrader misses is the essay that nobody wrote yet."""
    said = school.student("validate", "hw1/hw1.ipynb")

    assert said.count("The following cell failed:\n\n    YOUR ANSWER HERE\n") == 1
    assert said.count("The following cell failed:") == 1


def test_submit_list_and_collect(school: School) -> None:
    """Two hand-ins of one student and one without the notebook, collected by us and by nbgrader: times agree."""
    work = school.desk / "hw1"
    notebook = (work / "hw1.ipynb").read_text(encoding="utf-8")
    school.student("submit", "hw1", "--student=s1")
    lay(work, solved())
    (work / "hw1.ipynb").write_text(notebook.replace('YOUR ANSWER HERE"', 'An outer product."'), encoding="utf-8")
    school.student("submit", "hw1", "--student=s1")
    (work / "hw1.ipynb").rename(school.desk / "aside.ipynb")
    page = (work / "essays.md").read_text(encoding="utf-8")
    (work / "essays.md").write_text(page.replace("\nAnswer:", "\nAnswer: Rank one."), encoding="utf-8")
    school.student("submit", "hw1", "--student=s2")
    listed = nbgrader(school.course, "list", "--inbound", "hw1")

    told = typed("collect", "hw1", folder=school.course.root)
    submitted = home(school.course) / "submitted"
    ours = {student: (submitted / student / "hw1" / "timestamp.txt").read_text() for student in ("s1", "s2")}
    essays = {
        student: "".join(json.loads((submitted / student / "hw1" / "hw1.ipynb").read_text())["cells"][-1]["source"])
        for student in ("s1", "s2")
    }
    again = typed("collect", "hw1", folder=school.course.root)
    shutil.rmtree(submitted)
    nbgrader(school.course, "collect", "hw1")
    theirs = {student: (submitted / student / "hw1" / "timestamp.txt").read_text() for student in ("s1", "s2")}

    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("2 collected, 0 as before, in ")
    assert again.stdout.startswith("0 collected, 2 as before, in ")
    assert "s1 handed in 2 times; the latest, s1+hw1+" in told.stderr
    assert ours == theirs
    assert essays == {"s1": "An outer product.", "s2": "Rank one."}
    assert listed.count("sample s1 hw1") == 2


def test_zip_collect_brings_modules_too(school: School) -> None:
    """nbgrader's own collector of zips, told to take every kind of file, fills the same tree."""
    downloaded = home(school.course) / "downloaded" / "hw1" / "archive"
    lay(downloaded, {f"z1_hw1_{name}": content for name, content in solved().items()})
    pattern = r".*/(?P<student_id>\w+?)_hw1_(?P<file_id>\w+)\.py$"
    words = [f"--FileNameCollectorPlugin.named_regexp={pattern}", "--FileNameCollectorPlugin.valid_ext=['.py']"]

    said = nbgrader(school.course, "zip_collect", "hw1", "--force", *words)

    collected = home(school.course) / "submitted" / "z1" / "hw1"
    assert {path.name: path.read_bytes() for path in collected.glob("*.py")} == solved(), said


def test_a_training_notebook_is_released_and_brings_no_marks(tmp_path: Path) -> None:
    """nbgrader leaves notebooks in folders behind; ours is in the release, and the gradebook knows the card alone."""
    course, _ = prices(tmp_path / "course")

    told = typed("release", "hw1", folder=course.root)

    assert told.exit_code == 0, told.output
    released = home(course) / "release" / "hw1" / "training" / "q3_prices.ipynb"
    assert released.read_bytes() == (course.root / "released/hw1/training/q3_prices.ipynb").read_bytes()
    with closing(sqlite3.connect(home(course) / "gradebook.db")) as book:
        assert book.execute("select name from notebook").fetchall() == [("hw1",)]


def test_the_configuration_is_mode_b(course_folder: Path) -> None:
    """nbgrader records our marksheets, and what students were given never overwrites what they handed in."""
    course = find_course(course_folder)
    lay(home(course) / "source" / "hw1", {"q1_rows.py": b"", "a/data.csv": b"", "hw1.ipynb": b""})
    c = Config()

    configure(c, course_folder)

    assert c.CourseDirectory.course_id == "sample"
    assert c.CourseDirectory.root == str(course_folder / "nbgrader")
    assert c.Autograde.autograde_preprocessors[0].endswith(".RecordMarks")
    assert not any("Execute" in name for name in c.Autograde.autograde_preprocessors)
    assert c.Autograde.exclude_overwriting == {"hw1": ["a/data.csv", "hw1.ipynb", "q1_rows.py"]}


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("", "nbgrader/gradebook.db"),
        ('c.CourseDirectory.db_url = "sqlite:////srv/marks.db"', "/srv/marks.db"),
    ],
)
def test_the_gradebook_is_the_one_that_is_configured(course_folder: Path, line: str, place: str) -> None:
    """nbgrader's programs write there: marks in another place would be lost for one of the two."""
    (course_folder / "nbgrader_config.py").write_text(f"{TWO_LINES}\n{line}\n", encoding="utf-8")
    course = find_course(course_folder)

    assert gradebook_path(course) == course.root / place


@pytest.mark.parametrize("address", ["postgresql://ada:secret@db/marks", "sqlite:///secret.db", "sqlite://"])
def test_a_gradebook_that_is_no_file_is_refused(course_folder: Path, address: str) -> None:
    """One sentence without the password, and no command goes on with a gradebook of its own.

    nbgrader's own programs look for a relative path in different folders.
    """
    line = f'c.CourseDirectory.db_url = "{address}"'
    (course_folder / "nbgrader_config.py").write_text(f"{TWO_LINES}\n{line}\n", encoding="utf-8")
    lay(course_folder / "class" / "ada", solved())

    told = typed("run", "hw1", "--submissions", "class", folder=course_folder)

    assert told.exit_code == 2
    assert "the gradebook's address, c.CourseDirectory.db_url, is no SQLite file's" in told.stderr
    assert "secret" not in told.stderr
    assert not (course_folder / "results" / "hw1" / "ada.json").exists()


def test_a_configuration_without_our_lines_is_left_alone(course_folder: Path) -> None:
    """Somebody's own nbgrader_config.py is not changed; the two lines are said."""
    (course_folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")

    with pytest.raises(GraderError, match=r"`from grader.exchange import configure` and `configure\(c\)`"):
        generate(find_course(course_folder), "hw1")


def test_a_program_that_fails_leaves_no_half_gradebook(course_folder: Path) -> None:
    """nbgrader's own reason is the sentence; a gradebook that it began is gone."""
    course = find_course(course_folder)

    with pytest.raises(GraderError, match="nbgrader generate_assignment hw1 --create --force failed: No notebooks"):
        generate(course, "hw1")

    assert not (home(course) / "gradebook.db").exists()
    assert (course_folder / "nbgrader_config.py").read_text(encoding="utf-8").endswith(f"{TWO_LINES}\n")


def test_a_course_that_was_not_released_has_no_inbound(
    course_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that was looked for is named; an exchange that is no folder is said as such."""
    course = find_course(course_folder)
    place = f'c.Exchange.root = "{tmp_path / "none"}"\n'
    config = course_folder / "nbgrader_config.py"
    config.write_text(f"{TWO_LINES}\n{place}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(GraderError, match="none/sample/inbound"):
        inbound(course)
    other = 'c.ExchangeFactory.collect = "nbgrader.exchange.abc.ExchangeCollect"\n'
    config.write_text(f"{TWO_LINES}\n{other}", encoding="utf-8")
    with pytest.raises(GraderError, match="This exchange is no folder"):
        inbound(course)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("from grader.exchange import configure\nconfigure(c)\n1 / 0\n", r":3 cannot be run \(ZeroDivisionError: "),
        ("from grader.exchange import configure\nconfigure(c)\nexit(3)\n", r":3 cannot be run \(SystemExit: 3\)"),
        ("configure(c)\nif:\n", r" cannot be run \(SyntaxError: invalid syntax \(nbgrader_config\.py, line 2\)\)"),
    ],
)
def test_a_configuration_that_cannot_be_run_is_said_by_all_who_read_it(
    course_folder: Path, lines: str, why: str
) -> None:
    """Releasing and collecting too, before nbgrader prints a traceback or blames something else."""
    (course_folder / "nbgrader_config.py").write_text(lines, encoding="utf-8")
    course = find_course(course_folder)

    for read in (configuration, inbound, lambda course: generate(course, "hw1")):
        with pytest.raises(GraderError, match=rf"nbgrader_config\.py{why}.*; mend it\."):
            read(course)
