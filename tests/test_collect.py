"""What lies on disk becomes hand-ins, one a student; what is left out is said."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader.archives import zipped
from grader.collect import collect
from grader.course import Assignment
from grader.errors import GraderError
from tests.small_assignment import small_assignment


@pytest.fixture
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return replace(small_assignment(tmp_path_factory.mktemp("exercises")), others=frozenset({"hw4"}))


def lay(folder: Path, *names: str) -> None:
    """Empty files, and empty folders where a name ends with a slash."""
    for name in names:
        if name.endswith("/"):
            (folder / name).mkdir(parents=True)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()


def collected(path: Path, assignment: Assignment) -> tuple[dict[str, str], list[str]]:
    """Student -> hand-in's path relative to `path`, and the problems' English."""
    hand_ins, problems = collect(path, assignment)
    assert all(problem.fa for problem in problems)
    return {h.student: os.path.relpath(h.path, path) for h in hand_ins}, [problem.en for problem in problems]


def test_nbgraders_tree_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """<student>/<assignment>/ is the hand-in; who handed in only other assignments is not listed."""
    lay(tmp_path, "s2/hw5/q1_sums.py", "s1/hw5/q1_sums.py", "s1/hw4/x.py", "s3/hw4/x.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2/hw5"}, [])


def test_the_inbound_folder_of_an_exchange_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """student+assignment+time+secret, and without the secret; a student's name may hold a plus; other sets are left."""
    time = "2026-10-01 09:30:00.123456 UTC"
    names = (f"a+b+hw5+{time}+Ab0-_Ab0-_Ab", f"s1+hw5+{time}", f"s2+hw4+{time}+Ab0-_Ab0-_Ab", f"s3+hw5+{time}+0330")
    lay(tmp_path, *(f"{name}/q1_sums.py" for name in names))

    assert collected(tmp_path, assignment) == ({"a+b": names[0], "s1": names[1], "s3": names[3]}, [])


def test_a_folder_with_a_folder_or_archive_a_student_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """Folders, archives of every suffix, single modules and notebooks each are one student's."""
    lay(tmp_path, "s1/q1_sums.py", "s2.zip", "s3.tar.gz", "s4.tar.xz", "s5.rar", "s6.py", "s7.ipynb", "s8/", "S9.ZIP")

    assert collected(tmp_path, assignment) == (
        {"S9": "S9.ZIP", "s1": "s1", "s2": "s2.zip", "s3": "s3.tar.gz", "s4": "s4.tar.xz", "s5": "s5.rar"}
        | {"s6": "s6.py", "s7": "s7.ipynb", "s8": "s8"},
        [],
    )


@pytest.mark.parametrize("name", ["q1_sums.py", "q2_rows.ipynb", "hw5.ipynb", "timestamp.txt"])
def test_one_students_folder_is_read(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """A folder with a question's module, a notebook of that name, or a timestamp is one student's, by its name."""
    lay(tmp_path, f"s1/{name}", "s1/parts/x.py")

    assert collected(tmp_path / "s1", assignment) == ({"s1": "."}, [])


@pytest.mark.parametrize("more", [[], ["s1/hw5/timestamp.txt"]])
def test_one_student_of_nbgraders_tree_is_read(more: list[str], tmp_path: Path, assignment: Assignment) -> None:
    """A student's own folder and the assignment's folder in it name the same student, with a time or without."""
    lay(tmp_path, "s1/hw5/q1_sums.py", *more)

    assert collected(tmp_path / "s1", assignment) == ({"s1": "hw5"}, [])
    assert collected(tmp_path / "s1" / "hw5", assignment) == ({"s1": "."}, [])


def test_a_folder_of_assignments_is_read(tmp_path: Path, assignment: Assignment) -> None:
    """hw5/<student>/ beside hw4/<student>/: the assignment's folder is the class."""
    lay(tmp_path, "hw5/s1/q1_sums.py", "hw5/s2.zip", "hw4/s3/x.py")

    assert collected(tmp_path, assignment) == ({"s1": "hw5/s1", "s2": "hw5/s2.zip"}, [])


@pytest.mark.parametrize(("name", "student"), [("s1.tar.gz", "s1"), ("s.1.zip", "s.1"), ("s1.py", "s1")])
def test_one_file_is_one_students(name: str, student: str, tmp_path: Path, assignment: Assignment) -> None:
    """An archive or a module by itself is a hand-in; its name without the suffix is the id."""
    lay(tmp_path, name)

    (hand_in,) = collect(tmp_path / name, assignment)[0]

    assert (hand_in.student, hand_in.path) == (student, tmp_path / name)


@pytest.mark.parametrize("name", ["README.md", "homework.docx", "s1"])
def test_one_file_of_another_kind_is_no_hand_in(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Nobody is called README.md and gets a zero."""
    lay(tmp_path, name)

    with pytest.raises(GraderError, match=f"{name} is no hand-in: an archive, a module or a notebook was asked"):
        collect(tmp_path / name, assignment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01 09:30:00.123456 UTC\n", "2026-10-01T09:30:00.123456+00:00"),
        ("2026-10-01 09:30:00 Asia/Tehran", "2026-10-01T09:30:00+03:30"),
        ("2026-10-01 09:30:00 +0200", "2026-10-01T09:30:00+02:00"),
        ("2026-10-01 09:30:00", "2026-10-01T09:30:00+00:00"),
        ("2026-10-01T09:30:00+00:00", "2026-10-01T09:30:00+00:00"),
        ("yesterday", ""),
        ("2026-10-01 09:30:00 Nowhere/City", ""),
        ("2026-10-01 09:30:00 ../../etc/passwd", ""),
        ("2026-99-01 09:30:00 UTC", ""),
        ("0001-01-01 00:00:00 +0500", ""),
        ("\0", ""),
        ("", ""),
    ],
)
def test_the_time_is_read_from_timestamp_txt(text: str, expected: str, tmp_path: Path, assignment: Assignment) -> None:
    """nbgrader's form with a zone's name or offset is read; anything else is an unknown time, not an error."""
    lay(tmp_path, "s1/hw5/q1_sums.py")
    (tmp_path / "s1/hw5/timestamp.txt").write_text(text)

    (hand_in,) = collect(tmp_path, assignment)[0]

    assert hand_in.submitted_at == expected


def test_a_timestamp_that_is_a_link_is_not_followed(tmp_path: Path, assignment: Assignment) -> None:
    """timestamp.txt is read only if it is a plain file of the student's own."""
    lay(tmp_path, "class/s1/q1_sums.py")
    (tmp_path / "elsewhere").write_text("2026-10-01 09:30:00 UTC")
    (tmp_path / "class/s1/timestamp.txt").symlink_to(tmp_path / "elsewhere")

    (hand_in,) = collect(tmp_path / "class", assignment)[0]

    assert hand_in.submitted_at == ""


def test_without_a_timestamp_the_time_is_unknown(tmp_path: Path, assignment: Assignment) -> None:
    """The time on disk changes with every copy, so it is not given out as the time of the hand-in."""
    lay(tmp_path, "s1.zip")

    assert collect(tmp_path, assignment)[0][0].submitted_at == ""


def test_the_latest_of_several_wins(tmp_path: Path, assignment: Assignment) -> None:
    """Of a folder and two archives of one student the latest is graded, and it is said which."""
    lay(tmp_path, "s1/q1_sums.py", "s1.zip", "s1.tar.gz")
    for name, time in (("s1", 100), ("s1.zip", 300), ("s1.tar.gz", 200)):
        os.utime(tmp_path / name, (time, time))

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1.zip"}
    assert problems == [f"s1 handed in 3 times; the latest, {tmp_path / 's1.zip'}, is graded."]


def test_a_timestamp_stands_above_the_time_on_disk(tmp_path: Path, assignment: Assignment) -> None:
    """A folder whose timestamp is later than the archive's time on disk is the latest."""
    lay(tmp_path, "s1/q1_sums.py", "s1.zip")
    (tmp_path / "s1/timestamp.txt").write_text("2026-10-01 09:30:00 UTC")
    os.utime(tmp_path / "s1", (100, 100))
    os.utime(tmp_path / "s1.zip", (200, 200))

    assert collected(tmp_path, assignment)[0] == {"s1": "s1"}


@pytest.mark.parametrize("name", [".s1", "s\n1", "s1\u202e", "s" * 101, "s\u200b1", "s\\1", "s2.run"])
def test_an_unsafe_id_is_listed_and_hurts_nobody_else(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """A folder whose name cannot be a result's file name is left out with its name shown safely."""
    lay(tmp_path, "s2/q1_sums.py", f"{name}/q1_sums.py")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert len(problems) == 1
    assert "its name cannot be a student's id" in problems[0]
    assert "\u202e" not in problems[0]
    assert "\n" not in problems[0]


def test_a_name_that_is_not_utf8_is_listed(tmp_path: Path, assignment: Assignment) -> None:
    """A folder named in bytes of another encoding is left out, and the sentence can still be written as UTF-8."""
    lay(tmp_path, "s2/q1_sums.py")
    os.mkdir(os.fsencode(tmp_path) + b"/s\xff1")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert problems[0].encode()


@pytest.mark.parametrize("twins", [("s1", "S1"), ("é", "e\u0301"), ("s\u200c1", "s1")])
def test_case_twins_are_listed_and_neither_is_graded(
    twins: tuple[str, str], tmp_path: Path, assignment: Assignment
) -> None:
    """Two ids that would overwrite one another's results on some file system are both left for the instructor."""
    lay(tmp_path, "s2/q1_sums.py", *(f"{name}/q1_sums.py" for name in twins))

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert len(problems) == 1
    assert all(name in problems[0] for name in twins)


def test_a_link_in_a_students_place_is_listed(tmp_path: Path, assignment: Assignment) -> None:
    """Neither a linked folder nor a linked archive nor a linked assignment folder is followed."""
    lay(tmp_path, "class/s1/hw5/q1_sums.py", "secret/q1_sums.py", "class/s4/")
    (tmp_path / "class/s2").symlink_to(tmp_path / "secret")
    (tmp_path / "class/s3.zip").symlink_to(tmp_path / "secret/q1_sums.py")
    (tmp_path / "class/s4/hw5").symlink_to(tmp_path / "secret")

    found, problems = collected(tmp_path / "class", assignment)

    assert found == {"s1": "s1/hw5"}
    assert [problem.split(": ")[1].split(";")[0] for problem in problems] == ["it is a link"] * 3


def test_other_files_are_listed_and_litter_is_not(tmp_path: Path, assignment: Assignment) -> None:
    """A roster among the hand-ins is named; what machines leave behind is not."""
    lay(tmp_path, "s1.zip", "roster.csv", ".DS_Store", ".git/config", "__MACOSX/x")
    os.mkfifo(tmp_path / "pipe")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1.zip"}
    assert [problem.split(" was")[0] for problem in problems] == [
        str(tmp_path / name) for name in ("pipe", "roster.csv")
    ]


@pytest.mark.parametrize("name", ["s2/q9.py", "s2/HW5/q1_sums.py", "s2/hw5"])
def test_files_in_the_wrong_place_of_nbgraders_tree_are_listed(
    name: str, tmp_path: Path, assignment: Assignment
) -> None:
    """A student with loose files or a misspelt folder beside another assignment's is named, not silently left out."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s2/hw4/x.py", name)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1/hw5"}
    assert problems == [f"{tmp_path / 's2'} has files but no folder hw5: put the hand-in into a folder of that name."]


@pytest.mark.parametrize("name", ["My homework/q1_sums.py", "Homework/HW/q1_sums.py", "HW5/q1_sums.py", "hw.zip", "x/"])
def test_one_students_folder_says_nothing_about_anothers(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Where one has a folder named like the assignment, whoever has another is graded all the same."""
    lay(tmp_path, "s1/hw5/q1_sums.py", f"s2/{name}")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2"}, [])


def test_what_lies_beside_the_assignments_folder_is_named(tmp_path: Path, assignment: Assignment) -> None:
    """A student's folder hw5 is the hand-in; a module beside it is not silently left out."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s1/q2_rows.py", "s1/hw4/x.py", "s1/.DS_Store")

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": "s1/hw5"}
    assert problems == [f"{tmp_path / 's1/hw5'} is the hand-in; what lies beside it was left out: q2_rows.py."]


def test_a_folder_named_like_the_assignment_swallows_no_class(tmp_path: Path, assignment: Assignment) -> None:
    """Among students' folders it is one of them, or, with no module in it, left out and named."""
    lay(tmp_path / "one", "ann/q1_sums.py", "bob.zip", "hw5/q1_sums.py")
    lay(tmp_path / "two", "ann/q1_sums.py", "bob.zip", "hw5/cem/q9.py", "hw5/dan/q1_sums.py")

    assert collected(tmp_path / "one", assignment) == ({"ann": "ann", "bob": "bob.zip", "hw5": "hw5"}, [])
    found, (problem,) = collected(tmp_path / "two", assignment)
    assert found == {"ann": "ann", "bob": "bob.zip"}
    assert problem.startswith(f"{tmp_path / 'two/hw5'} was left out: it is named like the assignment")


@pytest.mark.parametrize("name", ["hw5/s1/q1_sums.py", "s1/hw5/q1_sums.py", "s1/q1_sums.py", "s1.zip", "q1_sums.py"])
def test_nobody_hands_in_for_others_through_the_exchange(name: str, tmp_path: Path, assignment: Assignment) -> None:
    """Anybody may write there: what has no name of nbgrader's is left out and named, and hides nobody's hand-in."""
    true = "s1+hw5+2026-10-01 09:30:00.123456 UTC+Ab0-_Ab0-_Ab"
    lay(tmp_path, f"{true}/q1_sums.py", "roster.csv", *(f"eve_{n}_1_x/q1_sums.py" for n in range(3)), name)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s1": true}
    assert sorted(problem.split(" was left out")[0] for problem in problems) == sorted(
        str(tmp_path / left) for left in ("eve_0_1_x", "eve_1_1_x", "eve_2_1_x", "roster.csv", name.split("/")[0])
    )


def test_a_platforms_name_makes_no_exchange(tmp_path: Path, assignment: Assignment) -> None:
    """Who calls themselves as nbgrader calls its folders does not push the others out of Moodle's download."""
    forged = "x+hw5+2026-10-01 09 UTC_1001_assignsubmission_file_"
    lay(tmp_path, f"{forged}/q1_sums.py", "s1/q1_sums.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1", forged: forged}, [])


def test_modules_without_the_assignments_folder_are_graded(tmp_path: Path, assignment: Assignment) -> None:
    """In nbgrader's tree a student's folder that holds the questions themselves is understood all the same."""
    lay(tmp_path, "s1/hw5/q1_sums.py", "s2/q1_sums.py")

    assert collected(tmp_path, assignment) == ({"s1": "s1/hw5", "s2": "s2"}, [])


def test_a_folder_that_cannot_be_read_is_listed(
    tmp_path: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One student's unreadable folder does not stop the others."""
    lay(tmp_path, "s1/q1_sums.py", "s2/q1_sums.py")
    scandir = os.scandir

    def forbidden(path: Path | int) -> object:
        if not isinstance(path, int) and Path(path).name == "s1":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidden)

    found, problems = collected(tmp_path, assignment)

    assert found == {"s2": "s2"}
    assert problems == [f"{tmp_path / 's1'} was left out: the folder cannot be read; allow reading it."]


def test_an_absent_folder_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """A folder that is not there is said with its path and the option that names it."""
    with pytest.raises(
        GraderError, match=r"There is no folder .*nowhere: say with --submissions where the hand-ins are\."
    ):
        collect(tmp_path / "nowhere", assignment)


def test_an_unreadable_folder_is_one_sentence(
    tmp_path: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class folder that may not be read is said with the reason."""

    def forbidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", forbidden)

    with pytest.raises(GraderError, match=r"The folder .* cannot be read: Permission denied\."):
        collect(tmp_path, assignment)


def test_an_empty_class_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """A folder without hand-ins is said, with what was looked for."""
    with pytest.raises(
        GraderError, match=r"no hand-in to grade in .*; a folder or an archive for each student is asked"
    ):
        collect(tmp_path, assignment)


def test_a_class_of_problems_is_one_sentence(tmp_path: Path, assignment: Assignment) -> None:
    """Where everything was left out, the first reason is in the error."""
    lay(tmp_path, "roster.csv")

    with pytest.raises(GraderError, match=r"no hand-in to grade in .*: .*roster\.csv was left out"):
        collect(tmp_path, assignment)


@pytest.mark.parametrize("name", [".", "nbgrader", "solutions", "solutions/hw5", "exercises", "results", "results/hw5"])
def test_a_course_is_no_class(name: str, tmp_path: Path) -> None:
    """Its folders hold modules, but nobody handed them in."""
    assignment = small_assignment(tmp_path / "solutions" / "hw5")
    stub = tmp_path / "exercises" / "hw5" / "q1_sums.py"
    assignment = replace(assignment, questions=tuple(replace(q, stub=stub) for q in assignment.questions))
    lay(tmp_path, "course.toml", "exercises/hw5/q1_sums.py", "nbgrader/gradebook.db", "nbgrader/submitted/s1/hw5/x.py")
    lay(tmp_path, "results/hw5/journal.sqlite3", "results/hw5/export/gradescope/autograder.zip")

    with pytest.raises(GraderError, match="belongs to the course, it is no folder of hand-ins"):
        collect(tmp_path / name, assignment)


def test_results_among_the_hand_ins_are_nobody(tmp_path: Path, assignment: Assignment) -> None:
    """Who types `--submissions .` where the hand-ins lie has results/ there too, the next time."""
    lay(tmp_path, "s1/q1_sums.py", "s2/q1_sums.py", "results/hw5/journal.sqlite3", "results/hw5/s1.json")

    hand_ins, problems = collect(tmp_path, assignment)

    assert [hand_in.student for hand_in in hand_ins] == ["s1", "s2"]
    assert [problem.en.rpartition("/")[2] for problem in problems] == [
        "results was left out: results of an earlier run lie there."
    ]


def test_a_folder_of_other_things_is_no_class(tmp_path: Path, assignment: Assignment) -> None:
    """Folders without a single thing that could be graded are nobody's; one page of essays makes them a class."""
    lay(tmp_path, "feedback/s1.html", "figures/s1/plot.png", "empty/")

    with pytest.raises(GraderError, match="is no folder of hand-ins: no module, notebook, archive or essay lies there"):
        collect(tmp_path, assignment)

    lay(tmp_path, "s1/Essays (1).md")
    assert set(collected(tmp_path, assignment)[0]) == {"s1", "empty", "feedback", "figures"}


def test_a_platforms_download_is_collected_first(tmp_path: Path, assignment: Assignment) -> None:
    """Whoever grades it as it is would grade people called Jane Doe_11_assignsubmission_file_."""
    lay(tmp_path, "Jane Doe_11_assignsubmission_file_/q1_sums.py", "Jane Doe_11_assignsubmission_onlinetext_/x.html")

    with pytest.raises(GraderError, match=r"learning platform's download: .*grader collect hw5 --from"):
        collect(tmp_path, assignment)


def test_a_platforms_download_that_is_still_packed_is_no_student(tmp_path: Path, assignment: Assignment) -> None:
    """It would be one hand-in, and a marksheet of nobody would stay in the class; a student's own is graded."""
    download, own = tmp_path / "HW 5.zip", tmp_path / "s1.zip"
    download.write_bytes(zipped({"doejane_12_345_q1_sums.py": b"", "roemax_LATE_13_346_hw5.zip": b""}))
    own.write_bytes(zipped({"hw5/q1_sums.py": b""}))

    with pytest.raises(GraderError, match=r"learning platform's download: .*grader collect hw5 --from '.*HW 5\.zip'`"):
        collect(download, assignment)

    assert set(collected(own, assignment)[0]) == {"s1"}
