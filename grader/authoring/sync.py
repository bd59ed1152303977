"""`grader sync`: regenerate exercises/ from solutions/, or prove that it is in step and tells nothing.

Students of an open course write in the same files: what is not as it was last generated is somebody's work.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from grader.authoring import handout
from grader.authoring.stub import public_names, stub_of, telling_lines
from grader.course import Assignment, Course
from grader.errors import CourseError
from grader.store import write_atomically

RECORD = "exercises.sha256"  # beside an assignment's questions: its exercises as sync wrote them, so that work shows


def generated(assignment: Assignment) -> dict[str, str]:
    """Every file of exercises/<assignment>/ by name."""
    files = {question.file: stub_of(question.source) for question in assignment.questions}
    files["README.md"] = handout.readme(assignment)
    if assignment.title.fa:
        files["README.fa.md"] = handout.readme_fa(assignment)
    files["essays.md"] = handout.essays(assignment)
    _tell_nothing(assignment, files)
    return files


def sync(course: Course, names: tuple[str, ...], *, replace: bool = False) -> tuple[list[Path], list[Path]]:
    """Write what differs and remove what is generated from nothing; the files written, and those removed.

    Raises CourseError, with nothing changed, where that would lose what somebody wrote, unless `replace`.
    """
    made = {name: generated(course.assignment(name)) for name in names}
    changes = {name: _out_of_step(course.exercises / name, files) for name, files in made.items()}
    theirs = [path for name, paths in changes.items() for path in _not_ours(paths, course.solutions / name / RECORD)]
    if theirs and not replace:
        told = ", ".join(str(path.relative_to(course.root)) for path in theirs)
        raise CourseError(
            f"`grader sync` would overwrite or remove {told}, written or changed by somebody since it last ran: name "
            "another assignment, move what is worth keeping elsewhere, or pass --replace."
        )
    written, removed = [], []
    for name, files in made.items():
        for path in changes[name]:
            if path.name in files:
                write_atomically(path, files[path.name].encode())
                written.append(path)
            else:
                path.unlink()
                removed.append(path)
        _remember(files, course.solutions / name / RECORD)
    return written, removed


def check(course: Course, names: tuple[str, ...]) -> int:
    """The number of files in step; CourseError names the first that is not."""
    ours: set[Path] = set()
    secrets: set[str] = set()
    for name in names:
        assignment = course.assignment(name)
        files = generated(assignment)
        for path in _out_of_step(course.exercises / name, files):
            if path.name in files:
                raise CourseError(f"{path} is not what solutions/{name} generates; run `grader sync {name}`.")
            raise CourseError(f"{path} is generated from nothing; run `grader sync {name}` to remove it.")
        for question in assignment.questions:
            _offers_every_name(question.source, files[question.file])
            secrets |= telling_lines(question.source)
        ours |= {course.exercises / name / file for file in files}
    others = set(course.assignments) - set(names)  # what is generated there is proved with its own solutions
    _nothing_lies_beside(course.exercises, {*ours, *(course.exercises / name for name in others)}, secrets)
    return len(ours)


def _nothing_lies_beside(exercises: Path, known: set[Path], secrets: set[str]) -> None:
    """Whatever else lies under exercises/, in a folder of its own too, is published with the stubs.

    known: files, and folders with all that lies in them.
    """
    for path in sorted(exercises.rglob("*")):
        if not path.is_file() or not known.isdisjoint((path, *path.parents)):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if line.strip() in secrets:
                raise CourseError(f"{path}:{number} shows a line of a solution region; remove the file: {line.strip()}")


def _out_of_step(folder: Path, files: dict[str, str]) -> list[Path]:
    """What differs from the files that are generated, or is missing, and then what is none of them."""
    ours = {folder / name: text.encode() for name, text in files.items()}
    differ = [path for path, content in ours.items() if not path.exists() or path.read_bytes() != content]
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [*differ, *(path for path in there if path.is_file() and path not in ours)]


def _not_ours(paths: list[Path], record: Path) -> list[Path]:
    """Those of the files that are not as sync wrote them the last time."""
    known = record.read_text(encoding="utf-8", errors="replace").splitlines() if record.exists() else []
    return [path for path in paths if path.exists() and _entry(path.name, path.read_bytes()) not in known]


def _remember(files: dict[str, str], record: Path) -> None:
    lines = "".join(f"{_entry(name, text.encode())}\n" for name, text in files.items()).encode()
    if not record.exists() or record.read_bytes() != lines:
        write_atomically(record, lines)


def _entry(name: str, content: bytes) -> str:
    return f"{sha256(content).hexdigest()}  {name}"  # as sha256sum writes it


def _offers_every_name(source: Path, stub: str) -> None:
    wanted, offered = public_names(source.read_text(encoding="utf-8")), public_names(stub)
    missing = [name for name in wanted if name not in offered]
    if missing:
        raise CourseError(
            f"{source}: its stub lacks {', '.join(missing)}; a public function must stand outside of regions."
        )
    namespace: dict[str, object] = {"__name__": source.stem}
    try:
        exec(compile(stub, f"stub of {source.name}", "exec"), namespace)
    except Exception as fault:
        raise CourseError(f"{source}: its stub cannot be imported: {type(fault).__name__}: {fault}.") from fault


def _tell_nothing(assignment: Assignment, files: dict[str, str]) -> None:
    for question in assignment.questions:
        secrets = telling_lines(question.source)
        for file, text in files.items():
            for number, line in enumerate(text.splitlines(), 1):
                if line.strip() in secrets:
                    raise CourseError(
                        f"{assignment.id}/{file}:{number} would show a line of a solution region: {line.strip()}"
                    )
