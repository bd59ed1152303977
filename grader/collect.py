"""What lies on disk becomes a list of hand-ins, one a student; nothing of theirs is opened but timestamp.txt."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Literal
from zoneinfo import ZoneInfo

from grader.archives import MOST_FILES, archive_suffix
from grader.course import Assignment, Course
from grader.disk import read_plain, walk
from grader.download import is_download
from grader.errors import GraderError
from grader.journal import JOURNAL
from grader.lms import lms_name
from grader.names import safe_id, shown, twin_key
from grader.phrases import phrase
from grader.records import HandIn, Text

LITTER = {
    ".DS_Store",
    ".git",
    ".gitignore",
    ".gitkeep",
    ".ipynb_checkpoints",
    "__MACOSX",
    "__pycache__",
    "Thumbs.db",
    "desktop.ini",
}
SINGLE = (".py", ".ipynb")
# A folder in the inbound of nbgrader's exchange: s042+hw5+2026-10-01 09:30:00.123456 UTC+b64 of nine random bytes
INBOUND = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)\+[0-9]{4}-[0-9]{2}-[0-9]{2} .+?(?:\+[\w-]{12})?", re.DOTALL
)

# At the top of a course and of nbgrader's tree in it
COURSE = ("course.toml", "gradebook.db")

# Folders as people lay them, told by what is in them; where nbgrader's students hand in; what download.py has made
Layout = Literal["any", "exchange", "download"]


def collect(path: Path, assignment: Assignment) -> tuple[list[HandIn], tuple[Text, ...]]:
    """Every student's latest hand-in under `path`, sorted by student, and a sentence for each thing left out.

    Raises GraderError where there is nothing to grade, and for a platform's download: its names are nobody's ids.
    """
    if is_download(path):
        first = f"`grader collect {assignment.id} --from {quote(_told(path))}`"
        raise GraderError(f"{_told(path)} is a learning platform's download: bring its hand-ins in by {first}.")
    by_student, problems = attempts(path, assignment)
    for student, several in by_student.items():
        if len(several) > 1:
            last = _told(several[-1].path)
            problems.append(phrase("collect.several", student=shown(student), count=len(several), path=last))
    return [several[-1] for several in by_student.values()], tuple(problems)


def attempts(path: Path, assignment: Assignment, layout: Layout = "any") -> tuple[dict[str, list[HandIn]], list[Text]]:
    """Every hand-in under `path` by student, the latest last: by timestamp.txt, else by the time on disk.

    `path` is nbgrader's tree (`<student>/<assignment>/...`), the inbound folder of its exchange, a folder with one
    folder or archive or .py or .ipynb a student, one student's folder, which in nbgrader's tree may be that of the
    assignment, or one student's archive or file. Each student's folder is understood by itself, whatever the others
    handed in. In the exchange anybody may make folders of any name: what students submit by nbgrader alone counts
    there. A platform's download has no time that could be trusted. A link, an id that cannot be a file's name, and ids
    that differ only in letter case are left out and said. Raises GraderError where there is nothing to grade: in a
    course's own folders, too, and where no folder holds a module, a notebook, an archive or an essay.
    """
    problems: list[Text] = []
    if _is_the_courses(path, assignment):
        raise GraderError(f"{_told(path)} belongs to the course, it is no folder of hand-ins: name where those lie.")
    found = _found(Path(os.path.abspath(path)), assignment, layout, problems)
    by_student: dict[str, list[HandIn]] = defaultdict(list)
    for hand_in in found:
        if safe_id(hand_in.student):
            by_student[hand_in.student].append(hand_in)
        else:
            problems.append(phrase("collect.name", path=_told(hand_in.path)))
    spellings: dict[str, list[str]] = defaultdict(list)
    for student in by_student:
        spellings[twin_key(student)].append(student)
    for twins in spellings.values():
        if len(twins) > 1:
            problems.append(phrase("collect.twins", names=", ".join(map(shown, sorted(twins)))))
            for student in twins:
                del by_student[student]
    if found and not any(_holds_work(hand_in, assignment) for hand_in in found):
        raise GraderError(
            f"{_told(path)} is no folder of hand-ins: no module, notebook, archive or essay lies there; "
            f"name the folder with a folder or an archive for each student (for {assignment.id})."
        )
    if not by_student:
        asked = f"; a folder or an archive for each student is asked (for {assignment.id})."
        raise GraderError(f"There is no hand-in to grade in {_told(path)}{f': {problems[0]}' if problems else asked}")
    return {student: sorted(by_student[student], key=_age) for student in sorted(by_student)}, problems


def without_variant(course: Course, assignment: Assignment, students: Iterable[str]) -> list[Text]:
    """A sentence on the students who were given no variant where others were, if there are any."""
    names = ", ".join(map(shown, course.without_variant(assignment.id, students)))
    return [phrase("collect.without_variant", assignment=assignment.id, names=names)] if names else []


def _is_the_courses(path: Path, assignment: Assignment) -> bool:
    """Is this the course's folder, its solutions, all its exercises, nbgrader's whole tree, or where results lie?"""
    exercises = {question.stub.parent.parent for question in assignment.questions}
    own = {folder.resolve() for folder in (assignment.folder, assignment.folder.parent, *exercises)}
    marks = (*COURSE, JOURNAL, f"{assignment.id}/{JOURNAL}")
    return path.resolve() in own or any((path / name).is_file() for name in marks)


def _holds_work(hand_in: HandIn, assignment: Assignment) -> bool:
    """Is it a file, nbgrader's folder of the assignment, or a folder with something in it that could be graded?"""
    if hand_in.path.is_file() or hand_in.path.name == assignment.id or hand_in.submitted_at:
        return True
    with suppress(OSError):  # told when it is unpacked
        names = [name for name, _ in islice(walk(hand_in.path, lambda name: name in LITTER), MOST_FILES)]
        return any(_is_hand_in_file(name) or "essay" in name.casefold() for name in names)
    return True


def is_exchange(path: Path) -> bool:
    """Lie in this folder what students submit by nbgrader? No name that a platform gives is taken for that."""
    return any(INBOUND.fullmatch(e.name) and _is_plain_folder(e) and not lms_name(e.name) for e in _entries(path))


def _found(path: Path, assignment: Assignment, layout: Layout, problems: list[Text]) -> list[HandIn]:
    if path.is_file():
        if not _is_hand_in_file(path.name):
            raise GraderError(
                f"{_told(path)} is no hand-in: an archive, a module or a notebook was asked, or a folder with hand-ins."
            )
        return [_hand_in(_stem(path.name), path)]
    entries = sorted(_entries(path), key=lambda entry: entry.name)
    if layout == "download":
        found = [hand_in for e in entries for hand_in in _students(Path(e.path), assignment, frozenset(), problems)]
        return [replace(hand_in, submitted_at="") for hand_in in found]
    if layout == "exchange" or is_exchange(path):
        return _submitted(entries, assignment, problems)
    if _is_one_students(entries, assignment):
        return [_hand_in((path.parent if path.name == assignment.id else path).name, path)]
    inner = path / assignment.id
    has_inner = any(entry.name == assignment.id and _is_plain_folder(entry) for entry in entries)
    beside = [entry for entry in entries if entry.name not in {assignment.id, *assignment.others}]
    if has_inner and not any(entry.is_dir() or _is_hand_in_file(entry.name) for entry in beside):
        problems += [phrase("collect.kind", path=_told(Path(entry.path))) for entry in beside]
        entries = sorted(_entries(inner), key=lambda entry: entry.name)
        if _is_one_students(entries, assignment):
            return [_hand_in(path.name, inner)]
    return _class(entries, assignment, problems)


def class_within(path: Path, assignment: Assignment) -> Path:
    """The folder of the class in what was zipped: Finder and Explorer leave the folder itself around everything.

    A folder alone is one student's, unless several hand-ins lie in it: archives, and folders with the same module.
    """
    inner = path
    while len(entries := _entries(inner)) == 1 and _is_plain_folder(entries[0]):
        inner = Path(entries[0].path)
    if inner.name == assignment.id or _is_one_students(entries, assignment):
        return path
    archives = sum(entry.is_file() and bool(archive_suffix(entry.name)) for entry in entries)
    modules = Counter(name for entry in entries for name in _modules_in(entry, assignment))
    return inner if archives + max(modules.values(), default=0) > 1 else path


def _modules_in(entry: os.DirEntry[str], assignment: Assignment) -> set[str]:
    """The modules of questions in a folder, in whatever folder there."""
    if not _is_plain_folder(entry):
        return set()
    names = {Path(name).name for name, _ in walk(Path(entry.path), lambda name: name in LITTER)}
    return names & {question.file for question in assignment.questions}


def _is_hand_in_file(name: str) -> bool:
    return bool(archive_suffix(name)) or name.endswith(SINGLE)


def _submitted(entries: list[os.DirEntry[str]], assignment: Assignment, problems: list[Text]) -> list[HandIn]:
    """What lies in the exchange."""
    found = []
    for entry in entries:
        path, handed = Path(entry.path), INBOUND.fullmatch(entry.name)
        if entry.is_symlink():
            problems.append(phrase("collect.link", path=_told(path)))
        elif not handed or not entry.is_dir():
            problems.append(phrase("collect.stranger", path=_told(path)))
        elif handed["assignment"] == assignment.id:
            found.append(_hand_in(handed["student"], path))
    if strangers := _handed_in_by_others(found):
        problems.append(phrase("collect.owner", names=", ".join(map(shown, strangers))))
    return found


def _class(entries: list[os.DirEntry[str]], assignment: Assignment, problems: list[Text]) -> list[HandIn]:
    found = []
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink():
            problems.append(phrase("collect.link", path=_told(path)))
        elif entry.is_dir():
            try:
                if (path / assignment.id / JOURNAL).is_file():
                    problems.append(phrase("collect.results", path=_told(path)))
                elif entry.name == assignment.id and not _is_one_students(_inside(path), assignment):
                    problems.append(phrase("collect.namesake", path=_told(path)))
                else:
                    found += _students(path, assignment, assignment.others, problems)
            except (GraderError, OSError):
                problems.append(phrase("collect.unreadable", path=_told(path)))
        elif entry.is_file() and _is_hand_in_file(entry.name):
            found.append(_hand_in(_stem(entry.name), path))
        else:
            problems.append(phrase("collect.kind", path=_told(path)))
    return found


def _inside(path: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, or in the one folder in it: unpacking strips those that enclose everything."""
    entries = _entries(path)
    while len(entries) == 1 and _is_plain_folder(entries[0]):
        entries = _entries(Path(entries[0].path))
    return entries


def _handed_in_by_others(found: list[HandIn]) -> list[str]:
    """Students in an exchange whose folder belongs to another account: anybody may write a folder of any name there.

    Where one account owns all, a hub's say, owners tell nothing.
    """
    owners = {}
    for hand_in in found:
        with suppress(KeyError, NotImplementedError):  # an account without a name; Windows
            owners[hand_in.student] = hand_in.path.owner()
    told = len(set(owners.values())) > 1
    return sorted(student for student, owner in owners.items() if told and owner != student)


def _students(path: Path, assignment: Assignment, others: Set[str], problems: list[Text]) -> list[HandIn]:
    """The hand-in in one student's folder; none where nbgrader put only other assignments of theirs."""
    entries = _entries(path)
    inner = path / assignment.id
    if inner.is_symlink():
        problems.append(phrase("collect.link", path=_told(inner)))
        return []
    if inner.is_dir():
        if loose := sorted(entry.name for entry in entries if not entry.is_dir()):
            problems.append(phrase("collect.beside", path=_told(inner), names=", ".join(map(shown, loose))))
        return [_hand_in(path.name, inner)]
    strange = [entry for entry in entries if not (entry.name in others and entry.is_dir())]
    if len(strange) == len(entries) or _is_one_students(entries, assignment):
        return [_hand_in(path.name, path)]
    if strange:
        problems.append(phrase("collect.missing", path=_told(path), assignment=assignment.id))
    return []


def _is_one_students(entries: list[os.DirEntry[str]], assignment: Assignment) -> bool:
    stems = {assignment.id, *(question.id for question in assignment.questions)}
    names = {"timestamp.txt", *(stem + suffix for stem in stems for suffix in SINGLE)}
    return any(entry.name in names and entry.is_file(follow_symlinks=False) for entry in entries)


def _is_plain_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _entries(path: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder but litter."""
    try:
        with os.scandir(path) as listing:
            return [entry for entry in listing if entry.name not in LITTER]
    except FileNotFoundError as fault:
        raise GraderError(
            f"There is no folder {_told(path)}: say with --submissions where the hand-ins are."
        ) from fault
    except OSError as fault:
        raise GraderError(f"The folder {_told(path)} cannot be read: {fault.strerror}.") from fault


def _hand_in(student: str, path: Path) -> HandIn:
    return HandIn(student, path, submitted_at(path))


def submitted_at(folder: Path) -> str:
    """When the hand-in in this folder came: ISO 8601 with offset, "" if unknown.

    By nbgrader's timestamp.txt, `2026-10-01 09:30:00.123456 UTC` or another zone or offset.
    """
    try:
        day, time, zone = [*read_plain(folder / "timestamp.txt", 200).decode().split(), "", ""][:3]
        offset = zone if zone[:1] in ("+", "-") else ""
        date = datetime.fromisoformat(f"{day} {time}{offset}".strip())
        if not date.tzinfo:
            date = date.replace(tzinfo=ZoneInfo(zone or "UTC"))  # nbgrader means UTC where it says none
        date.astimezone(UTC)
    except (OSError, ValueError, KeyError, OverflowError):  # no zone of that name; no such day in UTC
        return ""
    return date.isoformat()


def _age(hand_in: HandIn) -> tuple[float, str]:
    if hand_in.submitted_at:
        return datetime.fromisoformat(hand_in.submitted_at).timestamp(), hand_in.path.name
    return hand_in.path.lstat().st_mtime, hand_in.path.name


def _stem(name: str) -> str:
    suffix = archive_suffix(name) or next((suffix for suffix in SINGLE if name.endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def _told(path: Path) -> str:
    return shown(str(path), 300)  # characters: paths are longer than names
