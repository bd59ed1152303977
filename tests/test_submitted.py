"""Collecting: from wherever hand-ins lie into nbgrader's submitted/, times kept, nothing lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import grader.submitted
import grader.unpack
from grader.collect import collect
from grader.course import Assignment, Course
from grader.errors import ArchiveError, GraderError
from grader.journal import JOURNAL
from grader.records import HandIn
from grader.roster import Student
from grader.submitted import gather
from grader.unpack import unpack
from tests.handed_in import card_of, written
from tests.sample_course import lay, solved, stubs
from tests.small_assignment import zipped

EARLY, LATE = b"2026-10-01 09:00:00.000000 UTC", b"2026-10-09 18:30:00.123456 UTC"


def test_who_was_collected_earlier_and_is_not_here_is_named(course: Course, hw1: Assignment) -> None:
    """They are graded with the others, or have left the class: somebody should know. Who is here again is not named."""
    for student in ("s1", "s2"):
        lay(course.root / "first" / student, solved())
        lay(course.root / "second" / student.replace("2", "3"), solved())
    first, second = (gather(course, hw1, course.root / name) for name in ("first", "second"))

    assert first.problems == []
    assert [problem.en for problem in second.problems] == [
        "Collected earlier and not handed in here: s2. Their hand-ins stay and are graded with the others."
    ]
    assert written(course, "s2")


def test_results_beside_the_hand_ins_are_not_collected(
    course: Course, hw1: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who graded where the hand-ins lie types `collect --from .` there afterwards: results/ is nobody's hand-in."""
    here = course.root / "class"
    for student in ("s1", "s2"):
        lay(here / student, solved())
    lay(here / "results" / "hw1", {JOURNAL: b"", "s1.json": b"{}"})
    monkeypatch.chdir(here)

    gathered = gather(course, hw1, Path())

    assert [problem.en.rpartition("/")[2] for problem in gathered.problems] == [
        "results was left out: results of an earlier run lie there."
    ]
    assert written(course, "s1")
    assert sorted(entry.name for entry in (course.root / "nbgrader" / "submitted").iterdir()) == ["s1", "s2"]


def test_a_hand_in_that_cannot_be_written_stops_nobody_else_s(course: Course, hw1: Assignment) -> None:
    """What the disk refuses is told with its place and reason; who comes after is collected."""
    submitted = course.root / "nbgrader" / "submitted"
    lay(submitted / "bob" / "hw1", {**solved(), "hw1.ipynb/x.txt": b"x"})
    lay(submitted / "zoe" / "hw1", solved())

    gathered = gather(course, hw1, submitted)

    assert (gathered.written, gathered.unchanged) == (["zoe"], [])
    (told,) = (problem.en for problem in gathered.problems)
    assert told.startswith("bob: ")
    assert "hw1.ipynb cannot be written (Is a directory)" in told


def test_times_and_secrets_are_kept(course: Course, hw1: Assignment) -> None:
    """The exchange's folders: the latest of each student, with its time in nbgrader's form and its secret."""
    inbound = course.root / "inbound"
    for name, time in (
        ("s1+hw1+2026-10-01 09:00:00 UTC+AAAAAAAAAAAA", EARLY),
        ("s1+hw1+2026-10-09 18:30:00 UTC", LATE),
    ):
        lay(inbound / name, {**stubs(), "timestamp.txt": time, "submission_secret.txt": b"abc", "when.txt": time})
    lay(inbound / "a+b+hw1+2026-10-01 09:00:00 UTC+AAAAAAAAAAAA", {**stubs(), "timestamp.txt": EARLY})
    lay(inbound / "s1+hw2+2026-10-10 09:00:00 UTC+AAAAAAAAAAAA", {"q1.py": b""})

    gathered = gather(course, hw1, inbound)
    files = written(course, "s1")

    assert gathered.written == ["a+b", "s1"]
    assert (files["timestamp.txt"], files["submission_secret.txt"], files["when.txt"]) == (LATE, b"abc", LATE)
    assert [p.en.partition(";")[0] for p in gathered.problems] == ["s1 handed in 2 times"]


def test_a_time_in_another_zone_is_the_same_moment(course: Course, hw1: Assignment) -> None:
    """nbgrader reads what we write as UTC."""
    lay(course.root / "class" / "s1" / "hw1", {**stubs(), "timestamp.txt": b"2026-10-01 12:30:00 Asia/Tehran"})

    gather(course, hw1, course.root / "class")

    assert written(course, "s1")["timestamp.txt"] == EARLY


def test_collecting_again_takes_what_is_newer(course: Course, hw1: Assignment) -> None:
    """The same changes nothing, the older is left out and said, the newer replaces it with every file."""
    old = lay(course.root / "old" / "s1" / "hw1", {**stubs(), "a.txt": b"", "timestamp.txt": EARLY})
    new = lay(course.root / "new" / "s1" / "hw1", {**solved(), "timestamp.txt": LATE})

    first = gather(course, hw1, old.parent.parent)
    same = gather(course, hw1, old.parent.parent)
    newer = gather(course, hw1, new.parent.parent)
    older = gather(course, hw1, old.parent.parent)

    assert [g.written for g in (first, same, newer, older)] == [["s1"], [], ["s1"], []]
    assert written(course, "s1").keys() == {*solved(), "hw1.ipynb", "timestamp.txt"}
    assert [p.en for p in older.problems] == ["s1: a later hand-in is collected already; this one was left out."]


def test_submitted_itself_is_completed_in_place(course: Course, hw1: Assignment) -> None:
    """After nbgrader's own collect: the report card is added, nothing is taken away, no link and no hidden file."""
    there = {**stubs(), "timestamp.txt": EARLY, ".hidden": b"x", "__pycache__/a.pyc": b""}
    folder = lay(course.root / "nbgrader" / "submitted" / "s1" / "hw1", there)
    (folder / "link").symlink_to("/etc/passwd")

    first = gather(course, hw1, course.root / "nbgrader" / "submitted")
    second = gather(course, hw1, course.root / "nbgrader" / "submitted")

    assert (first.written, second.written) == (["s1"], [])
    assert {name: content for name, content in written(course, "s1").items() if name in there} == there
    assert (folder / "link").is_symlink()
    assert "hw1.ipynb" in written(course, "s1")


def test_what_cannot_be_opened_goes_on_as_it_is(course: Course, hw1: Assignment) -> None:
    """A damaged archive is told, lies beside the report card, and still is what is graded: its marksheet says why."""
    mine = json.dumps(card_of(hw1, "Mine.")).encode()
    lay(course.root / "class", {"s1/s1.zip": b"PK\x03\x04", "s1/hw1.ipynb": mine, "s2.rar": b"Rar!1"})
    lay(course.root / "class", {"s3/hw1.zip": zipped({f"a/{n}": c for n, c in solved().items()}), "s3/hw1.ipynb": mine})

    gathered = gather(course, hw1, course.root / "class")
    again = gather(course, hw1, course.root / "nbgrader" / "submitted")

    assert written(course, "s1") == {"s1.zip": b"PK\x03\x04", "hw1.ipynb": mine}
    assert written(course, "s2")["s2.rar"] == b"Rar!1"
    assert written(course, "s3") == {**solved(), "hw1.ipynb": mine}
    assert [p.en.split(":")[0] for p in gathered.problems] == ["s1", "s2"]
    assert (again.written, len(again.problems)) == ([], 2)
    hand_ins, _ = collect(course.root / "nbgrader" / "submitted", hw1)
    with pytest.raises(GraderError, match=r"s1\.zip"):
        unpack(hand_ins[0], hw1)


@pytest.mark.parametrize("name", ["s1/data/big.csv", "s1/data.zip", "s1.zip"])
def test_what_is_too_large_goes_on_cut(
    course: Course, hw1: Assignment, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A folder or an archive over the limit is told and collected, large enough to be refused once more, essays too."""
    for module in (grader.unpack, grader.submitted):
        monkeypatch.setattr(module, "MOST_BYTES", 100_000)
    mine = json.dumps(card_of(hw1, "Mine.")).encode()
    lay(course.root / "class", {name: bytes(300_000), "s2/q1_rows.py": b""})
    if name != "s1.zip":
        lay(course.root / "class" / "s1", {"hw1.ipynb": mine})

    gathered = gather(course, hw1, course.root / "class")
    again = gather(course, hw1, course.root / "nbgrader" / "submitted")

    assert (gathered.written, again.written) == (["s1", "s2"], [])
    (told,) = (problem.en for problem in gathered.problems)
    assert told.startswith("s1: ")
    assert "was not opened: it holds more than" in told
    assert name == "s1.zip" or written(course, "s1")["hw1.ipynb"] == mine
    assert sum(map(len, written(course, "s1").values())) < 200_000
    hand_ins, _ = collect(course.root / "nbgrader" / "submitted", hw1)
    with pytest.raises(ArchiveError, match="it holds more than"):
        unpack(hand_ins[0], hw1)


def test_archives_that_stay_closed_are_told(course: Course, hw1: Assignment) -> None:
    """Two of one student: nobody can tell which is meant, and both lie there."""
    packed = zipped(solved())
    lay(course.root / "class", {"s1/a.zip": packed, "s1/b.zip": packed, "s2/a.zip": packed, "s2/essays.pdf": b"%PDF"})

    gathered = gather(course, hw1, course.root / "class")

    assert [p.en.partition(" was")[0] for p in gathered.problems] == ["s1: a.zip", "s1: b.zip"]
    assert written(course, "s1").keys() == {"a.zip", "b.zip", "hw1.ipynb"}
    assert written(course, "s2").keys() == {*solved(), "essays.pdf", "hw1.ipynb"}


def test_what_the_disk_does_not_give_is_not_as_before(
    course: Course, hw1: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and counts neither as collected nor as there already."""

    def torn(hand_in: HandIn, *rest: object) -> dict[str, bytes]:
        raise GraderError(f"{hand_in.path.name} cannot be read: Input/output error.")

    monkeypatch.setattr(grader.submitted, "plain_files", torn)
    lay(course.root / "class" / "s1", solved())

    gathered = gather(course, hw1, course.root / "class")

    assert (gathered.written, gathered.unchanged) == ([], [])
    assert [p.en for p in gathered.problems] == ["s1: s1 cannot be read: Input/output error."]


def test_a_link_handed_in_is_not_followed(course: Course, hw1: Assignment) -> None:
    """A module that is a link to the solution brings nothing with it."""
    folder = lay(course.root / "inbound" / "s1+hw1+2026-10-01 09:00:00 UTC+AAAAAAAAAAAA", {"timestamp.txt": EARLY})
    (folder / "q1_rows.py").symlink_to(course.solutions / "hw1" / "q1_rows.py")

    gathered = gather(course, hw1, folder.parent)

    assert written(course, "s1").keys() == {"hw1.ipynb", "timestamp.txt"}
    assert "q1_rows.py" in gathered.problems[0].en


def test_a_platforms_download_gets_the_rosters_ids(course: Course, hw1: Assignment) -> None:
    """Moodle's zip of zips: the number becomes the id, a student without a row keeps the number and is named."""
    download = {
        "Jane Doe_77_assignsubmission_file_/mine.zip": zipped({"deep/hw1/q1_rows.py": solved()["q1_rows.py"]}),
        "Sam Low_78_assignsubmission_file_/q1_rows.py": b"x = 1\n",
    }
    (course.root / "Course-HW1.zip").write_bytes(zipped(download))

    roster = [Student("s1", lms_user_id="77"), Student("s2", lms_user_id="79")]
    gathered = gather(course, hw1, course.root / "Course-HW1.zip", roster=roster)

    assert gathered.written == ["78", "s1"]
    assert [problem.en for problem in gathered.problems[-2:]] == [
        "Collected all the same, but not in the roster: 78. Where one is somebody of the roster, name the folder or "
        "file by the id, or enter the platform's number in the roster; remove submitted/NAME/hw1 of the wrong name "
        "and collect again.",
        "In the roster, but nothing was handed in: s2.",
    ]
    assert written(course, "s1").keys() == {"q1_rows.py", "hw1.ipynb"}


def test_in_a_platforms_download_every_student_is_one(course: Course, hw1: Assignment) -> None:
    """Whatever folders they packed, whatever the roster calls them, and without a time of their own making."""
    one = {"q1_rows.py": solved()["q1_rows.py"]}
    download = {"hw1/timestamp.txt": LATE, "hw1/q1_rows.py": b"1", "My homework/HW/q1_rows.py": b"2", "hw2/x.py": b"3"}
    names = zip(("Ann A_11", "Ann A_11", "Bob B_12", "Cem C_13"), download.items(), strict=True)
    files = {f"{who}_assignsubmission_file_/{name}": content for who, (name, content) in names}
    files["Dan D_14_assignsubmission_file_/hw.zip"] = zipped(one)
    (course.root / "Moodle.zip").write_bytes(zipped(files))

    roster = [Student("hw1", lms_user_id="14"), *map(Student, ("11", "12", "13"))]
    gathered = gather(course, hw1, course.root / "Moodle.zip", roster=roster)

    assert (gathered.written, gathered.problems) == (["11", "12", "13", "hw1"], [])
    assert written(course, "11").keys() == {"q1_rows.py", "hw1.ipynb"}
    assert written(course, "12")["q1_rows.py"] == b"2"
    assert written(course, "hw1")["q1_rows.py"] == one["q1_rows.py"]


WRAPPED: dict[str, dict[str, bytes]] = {
    "archives": {"fall/s1.zip": zipped(solved()), "fall/s2.zip": zipped(stubs())},
    "folders": {f"fall/{s}/{name}": text for s in ("s1", "s2") for name, text in solved().items()},
    "nbgrader's tree": {f"a/b/{s}/hw1/q1_rows.py": b"x = 1\n" for s in ("s1", "s2")},
    "an archive and a folder": {"fall/s1.zip": zipped(solved()), "fall/s2/work/q1_rows.py": b"x = 1\n"},
}


@pytest.mark.parametrize("case", WRAPPED)
def test_the_folder_that_was_zipped_is_no_student(course: Course, hw1: Assignment, case: str) -> None:
    """Finder and Explorer put it around the class, whatever each student's hand-in is."""
    (course.root / "class.zip").write_bytes(zipped({**WRAPPED[case], "__MACOSX/fall/._s1.zip": b"x"}))

    gathered = gather(course, hw1, course.root / "class.zip")

    assert (gathered.written, gathered.problems) == (["s1", "s2"], [])
    assert "q1_rows.py" in written(course, "s1")


@pytest.mark.parametrize(
    "files",
    [
        {"s1/first/q1_rows.py": b"x = 1\n", "s1/second/q2_table.py": b"x = 1\n"},
        {"s1/hw1/old.zip": zipped(stubs()), "s1/hw1/new.zip": zipped(solved())},
        {"s1/q1_rows.py": b"x = 1\n", "s1/old/q1_rows.py": b"", "s1/new/q1_rows.py": b""},
        {"s1/work.zip": zipped(solved()), "s1/notes.txt": b""},
    ],
)
def test_a_student_who_is_alone_in_a_zip_is_one(course: Course, hw1: Assignment, files: dict[str, bytes]) -> None:
    """A folder for each question, old copies, two archives in the assignment's folder: all of it is theirs."""
    (course.root / "class.zip").write_bytes(zipped(files))

    assert gather(course, hw1, course.root / "class.zip").written == ["s1"]


def test_what_a_zip_held_is_told_by_its_place_in_it(course: Course, hw1: Assignment) -> None:
    """Not by the folder that it was taken apart in, which is gone when somebody reads this."""
    (course.root / "class.zip").write_bytes(zipped({"s1/q1_rows.py": b"", "roster.csv": b""}))
    (course.root / "lists.zip").write_bytes(zipped({"roster.csv": b""}))

    (problem,) = gather(course, hw1, course.root / "class.zip").problems

    assert problem.en.startswith("class/roster.csv was left out")
    with pytest.raises(GraderError, match=r"in lists: lists/roster\.csv was left out"):
        gather(course, hw1, course.root / "lists.zip")


def test_the_exchange_gives_only_what_was_submitted_by_nbgrader(course: Course, hw1: Assignment) -> None:
    """Neither names of a platform's nor a plain folder there are anybody's hand-in, even while nobody has submitted."""
    inbound = lay(course.root / "inbound", {"eve_1_2_x/q1_rows.py": b"", "bob/q1_rows.py": b""})

    with pytest.raises(GraderError, match="bob was left out"):
        gather(course, hw1, inbound, exchange=True)

    lay(inbound / "ann+hw1+2026-10-01 09:00:00 UTC+AAAAAAAAAAAA", stubs())
    assert gather(course, hw1, inbound).written == ["ann"]


def test_the_best_of_several_is_found_by_grading(course: Course, hw1: Assignment) -> None:
    """The earlier one has more points; of two with the same points the later stays; one alone is not graded."""
    inbound = course.root / "inbound"
    broken = {"a.zip": b"PK"}
    days_of = {"drop": (solved(), stubs(), broken), "same": (stubs(), stubs()), "one": (solved(),)}
    for student, days in days_of.items():
        for day, files in enumerate(days, 1):
            time = f"2026-10-0{day} 09:00:00.000000 UTC"
            lay(inbound / f"{student}+hw1+{time}", {**files, "timestamp.txt": time.encode()})

    gathered = gather(course, hw1, inbound, keep="best")

    assert written(course, "drop")["q1_rows.py"] == solved()["q1_rows.py"]
    assert written(course, "drop")["timestamp.txt"].startswith(b"2026-10-01")
    assert written(course, "same")["timestamp.txt"].startswith(b"2026-10-02")
    assert [p.en.split(";")[0] for p in gathered.problems] == ["drop handed in 3 times", "same handed in 2 times"]


def test_strangers_accounts_in_the_exchange_are_told(course: Course, hw1: Assignment) -> None:
    """Anybody may write a folder of any name there: where accounts differ, who owns another's is told."""
    if os.getuid():
        pytest.skip("only root may give files away")
    for student, owner in (("root", 0), ("s1", 0), ("s2", 1)):
        folder = lay(course.root / "inbound" / f"{student}+hw1+2026-10-01 09:00:00 UTC+AAAAAAAAAAAA", stubs())
        os.chown(folder, owner, -1)

    gathered = gather(course, hw1, course.root / "inbound")

    assert [p.en.partition(".")[0] for p in gathered.problems] == [
        "Other accounts than the students' own handed in: s1, s2"
    ]


@pytest.mark.parametrize("name", ["nowhere", "file.tar", "empty"])
def test_a_place_without_hand_ins_is_said(course: Course, hw1: Assignment, name: str) -> None:
    """No folder, no zip, nothing in it: one sentence."""
    (course.root / "file.tar").write_bytes(b"")
    (course.root / "empty").mkdir()

    with pytest.raises(GraderError, match=name):
        gather(course, hw1, course.root / name)
