"""`grader sync`: regenerate exercises/ from solutions/, or prove that it is in step and tells nothing."""

from __future__ import annotations

from pathlib import Path

from grader.authoring import handout
from grader.authoring.stub import public_names, stub_of, telling_lines
from grader.course import Assignment, Course
from grader.errors import CourseError
from grader.store import write_atomically


def generated(assignment: Assignment) -> dict[str, str]:
    """Every file of exercises/<assignment>/ by name."""
    files = {f"{question.id}.py": stub_of(question.source) for question in assignment.questions}
    files["README.md"] = handout.readme(assignment)
    files["README.fa.md"] = handout.readme_fa(assignment)
    files["essays.md"] = handout.essays(assignment)
    _tell_nothing(assignment, files)
    return files


def sync(course: Course, names: tuple[str, ...]) -> list[Path]:
    """Write what differs; the paths written."""
    written = []
    for name in names:
        assignment = course.assignment(name)
        folder = course.exercises / name
        folder.mkdir(parents=True, exist_ok=True)
        files = generated(assignment)
        for file, text in files.items():
            path = folder / file
            if not path.exists() or path.read_bytes() != text.encode():
                write_atomically(path, text.encode())
                written.append(path)
        for path in _strangers(folder, files):
            path.unlink()
            written.append(path)
    return written


def check(course: Course, names: tuple[str, ...]) -> int:
    """The number of files in step; CourseError names the first that is not."""
    count = 0
    for name in names:
        assignment = course.assignment(name)
        folder = course.exercises / name
        files = generated(assignment)
        for file, text in files.items():
            path = folder / file
            if not path.exists() or path.read_bytes() != text.encode():
                raise CourseError(f"{path} is not what solutions/{name} generates; run `grader sync`.")
        for path in _strangers(folder, files):
            raise CourseError(f"{path} is generated from nothing; run `grader sync` to remove it.")
        for question in assignment.questions:
            _offers_every_name(question.source, files[f"{question.id}.py"])
        count += len(files)
    return count


def _strangers(folder: Path, files: dict[str, str]) -> list[Path]:
    return (
        [path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in files]
        if folder.is_dir()
        else []
    )


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
