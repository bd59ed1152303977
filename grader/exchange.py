"""nbgrader as it is: its configuration for our courses, its programs, and the folder that students hand in to.

One of nbgrader's two doorways. Its tree lies in the course's nbgrader/; `grader.gradebook` is the other, for marks.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import Course, find_course
from grader.errors import GraderError
from grader.store import write_atomically

if TYPE_CHECKING:
    from traitlets.config import Config

CONFIG = "nbgrader_config.py"
SQLITE = "sqlite:///"
TWO_LINES = "from grader.exchange import configure\n\nconfigure(c)"
WRITTEN = (
    f'"""nbgrader\'s configuration: the line below is the bridge to grader; add what you like."""\n\n{TWO_LINES}\n'
)
SANITIZING = [
    "grader.gradebook.recording.RestoreCard",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
RECORDING = [
    "grader.gradebook.recording.RecordMarks",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# nbgrader's own, and what would tell answers if somebody copied it into source/ by mistake
IGNORED = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "test_q*.py",
    "mistakes",
    "*variants.toml",
    "*.key",
]


def home(course: Course) -> Path:
    """Where nbgrader's tree of a course lies: source/, release/, submitted/, autograded/, feedback/, gradebook.db."""
    return course.root / "nbgrader"


def gradebook_path(course: Course) -> Path:
    """Where nbgrader's gradebook of a course lies, as its configuration says: another one would split the marks.

    Loading nbgrader takes seconds, which this does not. Raises GraderError for a database that is no SQLite file, and
    for a path that is relative: nbgrader's programs read it from several folders.
    """
    usual = home(course) / "gradebook.db"
    if not (course.root / CONFIG).is_file():
        return usual
    url = str(configuration(course).CourseDirectory.get("db_url", f"{SQLITE}{usual}"))
    path = Path(url.removeprefix(SQLITE))
    if not url.startswith(SQLITE) or not path.is_absolute():
        raise GraderError(  # the address may hold a password
            f"{course.root / CONFIG}: the gradebook's address, c.CourseDirectory.db_url, is no SQLite file's, and "
            f"grader uses such a file alone: set it to {SQLITE} and the file's absolute path, or take the line out."
        )
    return path


def configure(c: Any, course_dir: str | Path | None = None) -> None:
    """What `nbgrader_config.py` calls with its `c`: nbgrader then records our marksheets instead of running notebooks.

    `course_dir` is the course's folder where nbgrader is started elsewhere; else the nearest parent with a course.toml.
    What students were given never overwrites what they handed in. All other settings stay as they are.
    """
    course = find_course(Path(course_dir) if course_dir else None)
    c.CourseDirectory.course_id = course.id
    c.CourseDirectory.root = str(home(course))
    c.CourseDirectory.ignore = IGNORED
    c.RestoreCard.course = c.RecordMarks.course = str(course.root)
    c.Autograde.sanitize_preprocessors = SANITIZING
    c.Autograde.autograde_preprocessors = RECORDING
    c.Autograde.exclude_overwriting = {name: _released(course, name) for name in course.assignments}


def configuration(course: Course) -> Config:
    """What the course's nbgrader_config.py sets, ours alone where it has none; GraderError where it cannot be run."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config, path = Config(), course.root / CONFIG
    if str(course.root) not in sys.path:
        sys.path.insert(0, str(course.root))  # as nbgrader's programs do: plugins named in the configuration lie there
    if not path.is_file():
        configure(config, course.root)
        return config
    try:
        with chdir(course.root):  # where it finds the course
            config.merge(PyFileConfigLoader(CONFIG, path=str(course.root)).load_config())
    except GraderError:
        raise
    except (Exception, SystemExit) as fault:
        lines = [frame.lineno for frame in traceback.extract_tb(fault.__traceback__) if frame.filename.endswith(CONFIG)]
        where = f"{path}:{lines[-1]}" if lines else str(path)
        raise GraderError(f"{where} cannot be run ({type(fault).__name__}: {fault}); mend it.") from fault
    return config


def generate(course: Course, assignment: str) -> bool:
    """`nbgrader generate_assignment`: release/ and the gradebook's cells; True if nbgrader_config.py had to be written.

    Raises GraderError where that file is there without our lines, and with nbgrader's own words where it refuses.
    """
    config = course.root / CONFIG
    is_new = not config.exists()
    if is_new:
        config.write_text(WRITTEN, encoding="utf-8")
    elif "configure(c" not in config.read_text(encoding="utf-8"):
        lines = " and ".join(f"`{line}`" for line in TWO_LINES.split("\n\n"))
        raise GraderError(f"{config} does not know the course; add the lines {lines} to it.")
    configuration(course)  # nbgrader would not say what is wrong there
    nbgrader(course, "generate_assignment", assignment, "--create", "--force")
    source, released = (home(course) / kind / assignment for kind in ("source", "release"))
    for path in source.glob("*/*.ipynb"):  # notebooks without marks, which nbgrader leaves behind
        write_atomically(released / path.relative_to(source), path.read_bytes())
    return is_new


def nbgrader(course: Course, *words: str) -> str:
    """What an nbgrader command said, run in the course's folder; GraderError with its last error where it failed.

    A first gradebook is made with an `alembic` on the PATH: it gets this environment's own, and a gradebook that was
    begun by a command which failed is taken away, since nbgrader would go on with the half of it.
    """
    book = gradebook_path(course)
    is_first = not book.exists()
    book.parent.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    ended = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course.root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        if is_first:
            book.unlink(missing_ok=True)
        raise GraderError(f"nbgrader {' '.join(words)} failed: {_reason(ended.stdout)}")
    return ended.stdout


def inbound(course: Course) -> Path:
    """The folder of nbgrader's default exchange that students hand in to, as the configuration says.

    Raises GraderError for an exchange that is no folder (ngshare, nbexchange), or that nothing was released to.
    """
    from nbgrader.apps.baseapp import NbGrader
    from nbgrader.exchange import ExchangeFactory
    from nbgrader.exchange.default import ExchangeCollect

    configuration(course)  # nbgrader would print a traceback
    app = NbGrader(log_level=logging.ERROR)  # it would warn, before our own sentence, of the file that is ours to write
    with chdir(course.root):  # where configure(c) finds the course
        app.initialize([], root=str(course.root))
    if not issubclass(ExchangeFactory(parent=app).collect, ExchangeCollect):
        raise GraderError(
            "This exchange is no folder that can be read: run `nbgrader collect` for it, "
            f"then `grader collect HW --from {home(course) / 'submitted'}`."
        )
    folder = Path(ExchangeCollect(parent=app).root) / course.id / "inbound"
    if not folder.is_dir():
        raise GraderError(
            f"There is no {folder}: release with `nbgrader release_assignment`, or say with --from where hand-ins are."
        )
    return folder


def _released(course: Course, assignment: str) -> list[str]:
    source = home(course) / "source" / assignment
    return sorted(str(path.relative_to(source)) for path in source.rglob("*") if path.is_file())


def _reason(said: str) -> str:
    """nbgrader's last line that is an error, else its last line: `[AppName | ERROR] why`."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.partition("ERROR]")[2].strip() for line in lines if "ERROR]" in line]
    return next(reversed([line for line in errors if line] or lines), "it said nothing")
