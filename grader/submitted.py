"""`grader collect`: hand-ins from anywhere become nbgrader's submitted/, each with a report card and its own time.

What students handed in is written as it came, archives taken apart; nothing of theirs is run, unless the best of
several is asked for, which only grading can tell.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.archives import MOST_BYTES
from grader.authoring.part_points import part_points
from grader.collect import attempts, class_within, is_exchange, submitted_at, without_variant
from grader.course import Assignment, Course
from grader.disk import read_plain
from grader.download import BY_STUDENT, class_folder
from grader.encodings import decoded
from grader.errors import ArchiveError, GraderError
from grader.essays import DEADLINE, essays_in
from grader.exchange import home
from grader.marksheets import read_results
from grader.names import shown
from grader.phrases import phrase
from grader.records import HandIn, Text
from grader.report_card import as_text, fill, grade_id, report_card
from grader.roster import Student
from grader.run import Order, run
from grader.sandbox.isolated_call import Lost, isolated_call
from grader.store import write_atomically
from grader.unpack import as_it_came, plain_files

SECRET = "submission_secret.txt"  # nbgrader's release_feedback asks for it
TIME = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's timestamp.txt


@dataclass
class Gathered:
    """What came of it: students whose hand-in is new or newer, who have it already, and a sentence for all else."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Text] = field(default_factory=list)


def gather(
    course: Course,
    assignment: Assignment,
    source: Path,
    *,
    keep: str = "latest",
    roster: Sequence[Student] = (),
    exchange: bool = False,
    advance: Callable[[str, int], None] = lambda student, of: None,
) -> Gathered:
    """Fill nbgrader/submitted/ from the exchange's inbound folder, submitted/ itself, a folder, or a class's zip.

    `exchange` says that `source` is the inbound folder, even while nothing or only a stranger's folder is in it.

    Of several hand-ins the latest is kept, or with keep="best" the one with the highest score, the latest of equals. A
    hand-in that is older than the one already there changes nothing. One that cannot be opened is told, and written
    as it came, so that its marksheet says why. `advance(student, of)` is called after each of `of` students. Raises
    GraderError where there is nothing to collect.
    """
    gathered = Gathered()
    numbers = {student.lms_user_id: student.id for student in roster if student.lms_user_id}
    with tempfile.TemporaryDirectory() as scratch:
        by_student, gathered.problems = _handed_in(source, Path(scratch), assignment, numbers, exchange)
        best = _best(course, assignment, by_student, Path(scratch)) if keep == "best" else {}
        card = _card(course, assignment)
        for student, several in by_student.items():
            chosen = several[best.get(student, -1)]
            if len(several) > 1:
                said = {"student": shown(student), "count": len(several), "path": shown(chosen.path.name, 300)}
                gathered.problems.append(phrase("collect.best" if keep == "best" else "collect.kept", **said))
            notes: list[Text] = []
            target = home(course) / "submitted" / student / assignment.id
            try:
                is_new = _take(chosen, target, assignment, card, notes)
                (gathered.written if is_new else gathered.unchanged).append(student)
            except OSError as fault:
                place = shown(str(fault.filename2 or fault.filename or target), 300)  # 2: where a file was to go
                notes.append(phrase("collect.unkept", path=place, reason=fault.strerror or fault))
            except GraderError as fault:  # this disk did not give it
                notes.append(Text(str(fault)))
            gathered.problems += [note.about(shown(student)) for note in notes]
            advance(student, len(by_student))
    gathered.problems += _about_the_class(course, assignment, by_student.keys(), roster)
    return gathered


def _about_the_class(
    course: Course, assignment: Assignment, students: Set[str], roster: Sequence[Student]
) -> Iterator[Text]:
    """Who handed in and is in no list, who is in it and did not, who did before and not now, and who has no variant."""
    if roster and (strangers := students - {student.id for student in roster}):
        there = f"submitted/NAME/{assignment.id}"
        yield phrase("collect.not_in_roster", names=", ".join(map(shown, sorted(strangers))), there=there)
    earlier = _collected_earlier(course, assignment)
    if silent := [student.id for student in roster if student.id not in students | earlier]:
        yield phrase("collect.silent", names=", ".join(map(shown, silent)))
    if others := earlier - students:
        yield phrase("collect.earlier", names=", ".join(map(shown, sorted(others))))
    yield from without_variant(course, assignment, students)


def _collected_earlier(course: Course, assignment: Assignment) -> set[str]:
    """Whose hand-ins lie in nbgrader/submitted/ and are graded with those that come now."""
    folders = (home(course) / "submitted").glob(f"*/{assignment.id}")
    return {folder.parent.name for folder in folders if not folder.parent.name.startswith(".")}


def _handed_in(
    source: Path, scratch: Path, assignment: Assignment, numbers: Mapping[str, str], exchange: bool
) -> tuple[dict[str, list[HandIn]], list[Text]]:
    """`attempts`, of a download too; what was taken apart in `scratch` is told by its place in the download."""
    here = f"{scratch}{os.sep}"
    try:
        if exchange or (source.is_dir() and is_exchange(source)):
            return attempts(source, assignment, "exchange")
        folder, problems = class_folder(source, scratch, numbers)
        if folder == scratch / BY_STUDENT:
            by_student, others = attempts(folder, assignment, "download")
        else:
            was_zipped = folder.is_relative_to(scratch)
            by_student, others = attempts(class_within(folder, assignment) if was_zipped else folder, assignment)
    except OSError as fault:
        raise GraderError(f"{source} cannot be read: {fault.strerror or fault}.") from fault
    except GraderError as fault:
        raise GraderError(str(fault).replace(here, "")) from fault
    return by_student, [*problems, *(Text(o.en.replace(here, ""), o.fa.replace(here, "")) for o in others)]


def _take(hand_in: HandIn, target: Path, assignment: Assignment, card: str, notes: list[Text]) -> bool:
    """Write one hand-in to its place with its report card; False where nothing had to change."""
    there = submitted_at(target)
    if there and hand_in.submitted_at and _when(hand_in.submitted_at) < _when(there):
        notes.append(phrase("collect.older"))
        return False
    files = _read(hand_in, assignment, notes)
    added = _with_essays(files, assignment, card, notes)
    if hand_in.path == target:
        fresh = {name: text for name, text in added.items() if files.get(name) != text}
        for name, content in fresh.items():
            write_atomically(target / name, content)
        return bool(fresh)
    with suppress(OSError):  # what did not come through the exchange has none
        added[SECRET] = read_plain(hand_in.path / SECRET, 200)
    if hand_in.submitted_at:
        added["timestamp.txt"] = _when(hand_in.submitted_at).strftime(TIME).encode()
    return _replace(target, {**_beside(files, added, notes), **added})


def _beside(files: Mapping[str, bytes], ours: Mapping[str, bytes], notes: list[Text]) -> dict[str, bytes]:
    """The hand-in's files that can lie beside ours: not those in a folder that has the name of one of ours."""
    in_the_way = {name.partition("/")[0] for name in files if "/" in name} & ours.keys()
    notes += [phrase("collect.in_the_way", name=name) for name in sorted(in_the_way)]
    return {name: text for name, text in files.items() if "/" not in name or name.partition("/")[0] not in in_the_way}


def _when(submitted_at: str) -> datetime:
    return datetime.fromisoformat(submitted_at).astimezone(UTC)


def _card(course: Course, assignment: Assignment) -> str:
    """The report card as it was released, else as it would be."""
    released = home(course) / "release" / assignment.id / assignment.card_file
    if released.exists():
        return released.read_text(encoding="utf-8")
    return as_text(report_card(assignment, part_points(assignment)))


def _read(hand_in: HandIn, assignment: Assignment, notes: list[Text]) -> dict[str, bytes]:
    """The hand-in's files; of one that is refused what makes its marksheet say why, and its report card.

    Raises GraderError where the disk does not give them.
    """
    try:
        return plain_files(hand_in, assignment, notes)
    except ArchiveError as fault:
        notes.append(fault.told)
    files = as_it_came(hand_in.path)
    card = assignment.card_file
    with suppress(OSError):  # there is none
        files[card] = read_plain(hand_in.path / card, MOST_BYTES)
    return files


def _with_essays(files: Mapping[str, bytes], assignment: Assignment, card: str, notes: list[Text]) -> dict[str, bytes]:
    """The report card, with the essays of essays.md in it; a notebook of that name that is none gets another name."""
    name = assignment.card_file
    theirs = files.get(name)
    answers = {grade_id(part): answer for part, answer in essays_in(files, assignment).items()}
    request = {"card": card, "theirs": None, "answers": answers}
    filled: dict[str, Any] = {}
    if theirs is not None:
        with suppress(Lost):
            filled = isolated_call("grader.report_card:fill", {**request, "theirs": decoded(theirs)}, DEADLINE)
    filled = filled or fill(request)
    if filled["kept"]:
        notes.append(phrase("collect.two_answers", parts=", ".join(filled["kept"]), notebook=name))
    written = {name: filled["card"].encode()}
    if theirs is None or filled["theirs"]:
        return written
    kept = f"own-{name}"
    while kept in {path.partition("/")[0] for path in files}:
        kept = f"own-{kept}"
    notes.append(phrase("collect.own_notebook", notebook=name, kept=kept))
    return {**written, kept: theirs}


def _replace(target: Path, files: Mapping[str, bytes]) -> bool:
    """Put a hand-in in place of what is there, whole or not at all; False where the same is there already."""
    there = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    if there.keys() == files.keys() and all(path.read_bytes() == files[name] for name, path in there.items()):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as beside:
        _lay(Path(beside, "new"), files)
        if target.exists():
            target.rename(Path(beside, "old"))
        Path(beside, "new").rename(target)
    return True


def _lay(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _best(
    course: Course, assignment: Assignment, by_student: Mapping[str, list[HandIn]], scratch: Path
) -> dict[str, int]:
    """Which of several hand-ins has the highest score, the latest of equals; each is graded, all in as many runs."""
    best: dict[str, tuple[float, int]] = {}
    for turn in range(max(map(len, by_student.values()))):
        handed = {s: several[turn] for s, several in by_student.items() if turn < len(several) > 1}
        if not handed:
            break
        folder = scratch / f"turn-{turn}"
        for student, hand_in in handed.items():
            with suppress(GraderError, OSError):  # told when it is taken
                _lay(folder / student / assignment.id, _read(hand_in, assignment, []))
        order = Order(course, assignment, folder, scratch / f"results-{turn}", profile="quick")
        with suppress(ArchiveError):  # the only one of this turn, and it cannot be opened: no points
            run(order)
        for marksheet in read_results(order.folder):
            before = best.get(marksheet.student, (0.0, 0))
            best[marksheet.student] = max(before, (marksheet.sheet["score"], turn))
    return {student: turn for student, (_, turn) in best.items()}
