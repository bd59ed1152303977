"""Downloads of a whole class: Moodle's and Canvas's, as zips and as folders, odd members told and never fatal."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.download import class_folder
from grader.errors import ArchiveError, GraderError
from tests.sample_course import lay
from tests.small_assignment import zipped

MOODLE = {
    "Jane Doe_11_assignsubmission_file_/hw5.zip": b"PK",
    "Jane Doe_11_assignsubmission_file_/notes/a.txt": b"a",
    "علی رضایی_12_assignsubmission_file_/q1_sums.py": b"x = 1\n",
    "Sam Low_13_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
}
CANVAS = {
    "doejane_11_700_q1_sums.py": b"old\n",
    "doejane_11_800_q1_sums.py": b"new\n",
    "doejane_11_801_essays.md": b"words\n",
    "lowsam_LATE_12_650_hw5.zip": b"PK",
}


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def download(tmp_path: Path, kind: str, members: dict[str, bytes]) -> Path:
    if kind == "zip":
        (tmp_path / "hw5.zip").write_bytes(zipped(members))
        return tmp_path / "hw5.zip"
    return lay(tmp_path / "hw5", {name.removeprefix("all/"): content for name, content in members.items()})


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_moodles_download(tmp_path: Path, kind: str) -> None:
    """A folder a student by Moodle's number, or by the roster's id; text typed online is told."""
    folder, problems = class_folder(download(tmp_path, kind, MOODLE), tmp_path / "scratch", {"12": "s042"})

    assert files(folder) == {"11/hw5.zip": b"PK", "11/notes/a.txt": b"a", "s042/q1_sums.py": b"x = 1\n"}
    assert [p.en.split(" was left out")[0] for p in problems] == [
        "Sam Low_13_assignsubmission_onlinetext_/onlinetext.html"
    ]


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_canvass_download(tmp_path: Path, kind: str) -> None:
    """Files of one student come together, the later upload of a name stays, who was late is told."""
    folder, problems = class_folder(download(tmp_path, kind, CANVAS), tmp_path / "scratch", {})

    assert files(folder) == {"11/essays.md": b"words\n", "11/q1_sums.py": b"new\n", "12/hw5.zip": b"PK"}
    assert [p.en for p in problems] == ["The platform says late, without a time: 12."]


def test_a_student_under_two_names_is_told(tmp_path: Path) -> None:
    """Who has changed groups may be there twice: of two files of one name one is lost, and nobody would know."""
    groups = {f"Group {g}-Jane Doe_11_assignsubmission_file_/{g}.py": g.encode() for g in "AB"}
    same = {f"Group {g}-Jane Doe_11_assignsubmission_file_/q1_sums.py": g.encode() for g in "AB"}

    folder, problems = class_folder(
        download(tmp_path, "zip", {**groups, **same, **MOODLE}), tmp_path / "scratch", {"11": "s001"}
    )

    assert files(folder)["s001/q1_sums.py"] == b"B"
    (told,) = (p.en for p in problems if p.en.startswith("s001"))
    assert "as after a change of groups: Group A-Jane Doe, Group B-Jane Doe, Jane Doe." in told


def test_a_folder_around_the_download(tmp_path: Path) -> None:
    """Who packed the download again has one more folder around it."""
    members = {f"all/{name}": content for name, content in CANVAS.items()}

    folder, _ = class_folder(download(tmp_path, "zip", members), tmp_path / "scratch", {})

    assert sorted(path.name for path in folder.iterdir()) == ["11", "12"]


def test_what_moodle_keeps_beside_the_files_is_nobody(tmp_path: Path) -> None:
    """Where everybody typed something online too, and feedback lies there, it is a download all the same."""
    kinds = ("assignsubmission_file_/q1_sums.py", "assignsubmission_onlinetext_/x.html", "assignfeedback_file_/f.pdf")
    members = {f"{who}_{kind}": b"" for who in ("Ann A_11", "Bob B_12") for kind in kinds}

    folder, problems = class_folder(download(tmp_path, "folder", members), tmp_path / "scratch", {})

    assert files(folder).keys() == {"11/q1_sums.py", "12/q1_sums.py"}
    assert len(problems) == 4
    assert all("was left out" in problem.en for problem in problems)


def test_other_classes_stay_as_they_are(tmp_path: Path) -> None:
    """A folder is used in place; a zip of folders and zips comes out with their names."""
    plain = lay(tmp_path / "class", {"s1/q1_sums.py": b"", "s2.zip": b"PK", "s3/x_1_2_y.py": b""})
    (tmp_path / "class.zip").write_bytes(zipped({"s1/q1_sums.py": b"", "s2.zip": b"PK"}))

    assert class_folder(plain, tmp_path / "scratch", {}) == (plain, [])
    folder, problems = class_folder(tmp_path / "class.zip", tmp_path / "scratch", {})
    assert (files(folder), problems) == ({"s1/q1_sums.py": b"", "s2.zip": b"PK"}, [])


def test_one_odd_member_costs_the_others_nothing(tmp_path: Path) -> None:
    """A name that leads out of the folder is told; a name that a folder has, too; the rest is there."""
    members = {"../out.py": b"", "s1/q1_sums.py": b"1", "s2": b"", "s2/q1_sums.py": b"2"}
    (tmp_path / "class.zip").write_bytes(zipped(members))

    folder, problems = class_folder(tmp_path / "class.zip", tmp_path / "scratch", {})

    assert files(folder) == {"s1/q1_sums.py": b"1", "s2": b""}
    assert [p.en.split(":")[0] for p in problems] == ["../out.py", "q1_sums.py was left out"]
    assert not (tmp_path / "out.py").exists()


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    """A class comes as a folder or a zip."""
    (tmp_path / "class.tar").write_bytes(b"")

    with pytest.raises(GraderError, match=r"class\.tar is no folder and no \.zip of a class: unpack it"):
        class_folder(tmp_path / "class.tar", tmp_path / "scratch", {})


def test_a_zip_that_is_none_is_refused(tmp_path: Path) -> None:
    """A damaged download is said as such."""
    (tmp_path / "class.zip").write_bytes(b"PK\x03\x04 and then nothing")

    with pytest.raises(ArchiveError):
        class_folder(tmp_path / "class.zip", tmp_path / "scratch", {})
