"""A class's download becomes a folder with one folder a student: zips taken apart, platforms' names understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from grader.archives import MOST_BYTES, each_file, names_in
from grader.disk import walk
from grader.errors import ArchiveError, GraderError
from grader.lms import is_platforms, lms_name
from grader.names import safe_id, shown
from grader.phrases import phrase
from grader.records import Text
from grader.store import write_atomically

BY_STUDENT = "by-student"  # where in the scratch folder a platform's download lies, a folder a student


def class_folder(path: Path, scratch: Path, students: Mapping[str, str]) -> tuple[Path, list[Text]]:
    """Where the hand-ins at `path`, a folder or a zip, can be collected from, and a sentence for each that cannot.

    A zip is taken apart below `scratch`; what Moodle's or Canvas's "download all" gave gets a folder a student there,
    by the id that `students` has for the platform's number, else by that number. Any other folder is `path` itself.
    Raises GraderError where it is neither, ArchiveError where the zip cannot be read, OSError where the disk cannot.
    """
    problems: list[Text] = []
    folder = path
    if path.is_file() and path.suffix.lower() == ".zip":
        folder = scratch / path.stem
        problems += _extract(path, folder)
    elif path.is_file():
        raise GraderError(f"{path} is no folder and no .zip of a class: unpack it, and name the folder.")
    inner = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    if len(inner) == 1 and inner[0].is_dir() and is_download(inner[0]):
        folder = inner[0]
    if is_download(folder):
        problems += _by_student(folder, scratch / BY_STUDENT, students)
        folder = scratch / BY_STUDENT
    return folder, problems


def _extract(archive: Path, to: Path) -> list[Text]:
    to.mkdir(parents=True)
    problems = []
    for name, content in each_file(archive):
        if isinstance(content, ArchiveError):
            problems.append(content.told.about(shown(name, 300)))
        else:
            _put(to / name, content, problems)
    return problems


def is_download(path: Path) -> bool:
    """Have most entries of a folder or zip the names of a platform: one file of a student may look so by chance."""
    if path.is_dir():
        entries = {entry.name for entry in path.iterdir()}
    else:
        entries = {name.partition("/")[0] for name in names_in(path)}
    named = [is_platforms(name) for name in entries if not name.startswith(".")]
    return 2 * sum(named) > len(named)


def _by_student(folder: Path, to: Path, students: Mapping[str, str]) -> list[Text]:
    """Of two uploads of one name the later stays. A download has no times, but Canvas says who was late."""
    to.mkdir(parents=True)
    problems: list[Text] = []
    room: Counter[str] = Counter()  # bytes by student
    uploads: dict[Path, int] = {}
    names: dict[str, list[str]] = {}  # of each student there, a group's before it
    late: set[str] = set()
    for name, read in walk(folder, lambda name: name.startswith(".")):
        lms = lms_name(name)
        student = students.get(lms.student, lms.student) if lms else ""
        if lms is None or not lms.file or read is None or not safe_id(student):
            problems.append(phrase("collect.kind", path=shown(name, 300)))
            continue
        content = read(MOST_BYTES + 1)
        target = to / student / lms.file
        if lms.name not in names.setdefault(student, []):
            names[student].append(lms.name)
        room[student] += len(content)
        if room[student] > MOST_BYTES:
            problems.append(phrase("unpack.too_big", archive=shown(name, 300), size=MOST_BYTES // 2**20))
        elif uploads.get(target, -1) <= lms.upload:
            uploads[target] = lms.upload
            _put(target, content, problems)
        if lms.late:
            late.add(student)
    for student, several in names.items():
        if len(several) > 1:
            problems.append(phrase("collect.names", student=shown(student), names=", ".join(map(shown, several))))
    if late:
        problems.append(phrase("collect.late", names=", ".join(map(shown, sorted(late)))))
    return problems


def _put(path: Path, content: bytes, problems: list[Text]) -> None:
    try:
        write_atomically(path, content)
    except OSError:  # a folder of that name is there, or the name is longer than this disk takes
        problems.append(phrase("collect.unwritten", path=shown(path.name)))
