"""Results are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.store import as_bytes, write_atomically


def test_what_is_no_text_is_written_as_some() -> None:
    """A notebook of a student's may hold half a character: it stops nobody from writing the rest."""
    assert as_bytes({"سلام": "\ud800!"}).decode() == '{\n "سلام": "?!"\n}\n'


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The old content is gone, the new is there, and nothing else is left in the folder."""
    path = tmp_path / "new" / "s1.json"

    write_atomically(path, b"a longer first version")
    write_atomically(path, b"second")

    assert path.read_bytes() == b"second"
    assert os.listdir(path.parent) == ["s1.json"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Whoever plants a link where a result will come changes nothing elsewhere."""
    elsewhere = tmp_path / "other.json"
    elsewhere.write_bytes(b"another student's")
    (tmp_path / "s1.json").symlink_to(elsewhere)

    write_atomically(tmp_path / "s1.json", b"mine")

    assert elsewhere.read_bytes() == b"another student's"
    assert not (tmp_path / "s1.json").is_symlink()


def test_what_cannot_be_written_leaves_the_old_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the new version, not the old one, and no half of a file stays; the error names the file."""
    path = tmp_path / "s1.json"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left") as raised:
        write_atomically(path, b"new")

    assert raised.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["s1.json"]


def test_results_can_be_read_by_others(tmp_path: Path) -> None:
    """A web server or a colleague may read what the instructor publishes."""
    write_atomically(tmp_path / "s1.json", b"")

    assert (tmp_path / "s1.json").stat().st_mode & 0o777 == 0o644
