"""A hand-in becomes plain files in memory: folders, archives, their limits."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import grader.unpack
from grader.course import Assignment
from grader.errors import ArchiveError, GraderError
from tests.sample_course import lay
from tests.small_assignment import MODULE, said, tarred, unpacked, zipped


def test_a_folder_gives_its_files(s1: Path, assignment: Assignment) -> None:
    """Every plain file comes by its relative posix name, and student and time travel along."""
    lay(s1, {"q1_sums.py": MODULE, "parts/weights.safetensors": b"\0\1"})

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE, "parts/weights.safetensors": b"\0\1"}
    assert (submission.student, submission.submitted_at) == ("s1", "2026-10-01T00:00:00+00:00")
    assert submission.notes == ()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("s1.zip", zipped),
        ("s1.ZIP", zipped),
        ("s1.tar", tarred),
        ("s1.tar.gz", lambda files: tarred(files, "w:gz")),
        ("s1.tgz", lambda files: tarred(files, "w:gz")),
        ("s1.tar.xz", lambda files: tarred(files, "w:xz")),
        ("s1.tar.gz", zipped),
    ],
)
@pytest.mark.parametrize("alone_in_a_folder", [False, True])
def test_an_archive_gives_its_files(
    name: str, pack: object, alone_in_a_folder: bool, s1: Path, assignment: Assignment
) -> None:
    """An archive is opened by what it holds, whatever it is called, by itself or alone in the student's folder."""
    assert callable(pack)
    lay(s1, {name: pack({"hw5/q1_sums.py": MODULE, "hw5/q2_rows.py": b""}), "timestamp.txt": b"2026", ".DS_Store": b""})

    submission = unpacked(s1 if alone_in_a_folder else s1 / name, assignment)

    assert submission.files == {"q1_sums.py": MODULE, "q2_rows.py": b""}
    assert submission.notes == ()


@pytest.mark.parametrize("name", ["q1_sums.py", "hw5.ipynb"])
def test_a_single_file_is_a_hand_in(name: str, s1: Path, assignment: Assignment) -> None:
    """One module or one notebook is taken as it is."""
    lay(s1, {name: MODULE})

    assert unpacked(s1 / name, assignment).files == {name: MODULE}


def test_enclosing_folders_are_stripped(s1: Path, assignment: Assignment) -> None:
    """Folders around everything, and macOS's shadow folder beside them, do not hide the modules."""
    shadow = {"__MACOSX/work/._q1_sums.py": b"\0\5"}
    lay(s1, {"a.zip": zipped({"work/hw5/q1_sums.py": MODULE, "work/hw5/sub/x.py": b""} | shadow)})

    assert unpacked(s1, assignment).files == {"q1_sums.py": MODULE, "sub/x.py": b""}


def test_a_folder_beside_a_file_stays(s1: Path, assignment: Assignment) -> None:
    """Only what encloses everything is stripped."""
    lay(s1, {"q1_sums.py": MODULE, "work/x.py": b""})

    assert set(unpacked(s1, assignment).files) == {"q1_sums.py", "work/x.py"}


def test_an_archive_beside_a_report_card_is_opened(s1: Path, assignment: Assignment) -> None:
    """`grader collect` laid the card there: it stays, and the archive is the hand-in."""
    lay(s1, {"a.zip": zipped({"hw5/q1_sums.py": MODULE, "hw5/x/notes.md": b""}), "hw5.ipynb": b"{}"})

    assert unpacked(s1, assignment).files == {"q1_sums.py": MODULE, "x/notes.md": b"", "hw5.ipynb": b"{}"}


def test_an_archive_beside_what_is_no_code_is_opened(s1: Path, assignment: Assignment) -> None:
    """A PDF with the essays does not close it, in folders around both either, nor does a file that is in both."""
    lay(
        s1,
        {"hw/a.zip": zipped({"hw5/q1_sums.py": MODULE, "hw5/x.md": b"x"}), "hw/essays.pdf": b"%PDF", "hw/x.md": b"x"},
    )

    submission = unpacked(s1, assignment)

    assert submission.files == {"q1_sums.py": MODULE, "essays.pdf": b"%PDF", "x.md": b"x"}
    assert submission.notes == submission.left_out == ()


@pytest.mark.parametrize("beside", ["other.zip", "q2_rows.py", "own.ipynb", "essays.md"])
def test_an_archive_beside_what_could_be_meant_instead_stays_closed(
    beside: str, s1: Path, assignment: Assignment
) -> None:
    """Another archive, code, or another file of a name that is in it: a note says so, to the instructor too."""
    lay(s1, {"a.zip": zipped({"q1_sums.py": MODULE, "essays.md": b"1"}), beside: b"PK"})

    submission = unpacked(s1, assignment)

    assert set(submission.files) == {"a.zip", beside}
    assert "a.zip was not opened" in said(submission)[0]
    assert submission.left_out == submission.notes[: 1 + (beside == "other.zip")]


def test_an_archive_and_what_lies_beside_have_one_limit(
    s1: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is packed small counts as large as it is."""
    lay(s1, {"a.zip": zipped({"data.csv": bytes(600)}), "essays.pdf": bytes(600)})
    monkeypatch.setattr(grader.unpack, "MOST_BYTES", 1000)

    with pytest.raises(ArchiveError, match="s1 was not opened: it holds more than"):
        unpacked(s1, assignment)


def test_an_archive_beside_a_link_stays_closed(s1: Path, assignment: Assignment) -> None:
    """Whoever lays a link beside the archive gets two notes, not half of what was meant."""
    lay(s1, {"a.zip": zipped({"q1_sums.py": MODULE})})
    (s1 / "q2_rows.py").symlink_to("a.zip")

    submission = unpacked(s1, assignment)

    assert set(submission.files) == {"a.zip"}
    assert len(said(submission)) == 2


def test_archives_inside_archives_stay_closed(s1: Path, assignment: Assignment) -> None:
    """One level is opened and no more."""
    lay(s1, {"a.zip": zipped({"b.zip": zipped({"q1_sums.py": MODULE})})})

    submission = unpacked(s1, assignment)

    assert set(submission.files) == {"b.zip"}
    assert "b.zip was not opened" in said(submission)[0]


def test_a_damaged_archive_is_an_archive_error(s1: Path, assignment: Assignment) -> None:
    """A cut zip is refused with a sentence that names it."""
    lay(s1, {"a.zip": zipped({"q1_sums.py": MODULE})[:-10]})

    for path in (s1, s1 / "a.zip"):
        with pytest.raises(ArchiveError, match=r"a\.zip was not opened: it is damaged"):
            unpacked(path, assignment)


def test_a_folder_has_the_limits_of_an_archive(
    s1: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder over the size or the count is refused; sizes are counted while reading."""
    lay(s1, {"a": bytes(600), "b": bytes(400)})
    monkeypatch.setattr(grader.unpack, "MOST_BYTES", 1000)
    assert len(unpacked(s1, assignment).files) == 2

    lay(s1, {"c": b"x"})
    with pytest.raises(ArchiveError, match="s1 was not opened: it holds more than"):
        unpacked(s1, assignment)
    monkeypatch.setattr(grader.unpack, "MOST_BYTES", 2000)
    monkeypatch.setattr(grader.unpack, "MOST_FILES", 2)
    with pytest.raises(ArchiveError, match="s1 was not opened: it holds more than 2 files"):
        unpacked(s1, assignment)


def test_a_single_file_has_the_size_limit_too(
    s1: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file over the limit is refused without being read to its end."""
    lay(s1, {"q1_sums.py": bytes(1001)})
    monkeypatch.setattr(grader.unpack, "MOST_BYTES", 1000)

    with pytest.raises(ArchiveError, match=r"q1_sums\.py was not opened: it holds more than"):
        unpacked(s1 / "q1_sums.py", assignment)


def test_what_cannot_be_read_is_our_fault(tmp_path: Path, s1: Path, assignment: Assignment) -> None:
    """A hand-in that is gone, a link or a FIFO is no ArchiveError: the student must not lose points for it."""
    (tmp_path / "link").symlink_to(s1)
    os.mkfifo(tmp_path / "pipe")

    for name in ("gone", "link", "pipe"):
        with pytest.raises(GraderError, match=f"{name} cannot be read") as caught:
            unpacked(tmp_path / name, assignment)
        assert not isinstance(caught.value, ArchiveError)


def test_a_folder_and_its_zip_are_the_same_submission(tmp_path: Path, s1: Path, assignment: Assignment) -> None:
    """How the files travelled makes no difference to what is graded, nor to its hash."""
    lay(s1, {"q1_sums.py": MODULE, "sub/x.py": b"1", ".hidden": b"", "numpy.py": b""})
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", s1)

    assert unpacked(Path(packed), assignment).sha256 == unpacked(s1, assignment).sha256
