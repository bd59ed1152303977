"""Reading what others put on disk: plain files only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.disk import DEEPEST, read_plain, walk


def everything(top: Path) -> dict[str, bytes | None]:
    return {name: read and read(100) for name, read in walk(top, lambda name: name == "skipped")}


def test_plain_files_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    """Files of all folders come by relative posix name, sorted folder by folder."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").write_bytes(b"1")
    (tmp_path / "a").write_bytes(b"2")
    (tmp_path / "c").write_bytes(b"3" * 200)

    assert list(everything(tmp_path).items()) == [("a", b"2"), ("b/x", b"1"), ("c", b"3" * 100)]


def test_links_pipes_and_sockets_are_told_and_not_read(tmp_path: Path) -> None:
    """A link, to a file or a folder, and a FIFO come without a reader; nothing waits for the FIFO."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"key")
    top = tmp_path / "top"
    top.mkdir()
    (top / "file").symlink_to(tmp_path / "secret" / "key")
    (top / "folder").symlink_to(tmp_path / "secret")
    (top / "nowhere").symlink_to(tmp_path / "missing")
    os.mkfifo(top / "pipe")

    assert everything(top) == {"file": None, "folder": None, "nowhere": None, "pipe": None}


def test_what_is_skipped_is_not_told(tmp_path: Path) -> None:
    """Skipped folders are not entered and skipped files not named."""
    (tmp_path / "skipped").mkdir()
    (tmp_path / "skipped" / "x").write_bytes(b"1")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "skipped").write_bytes(b"1")

    assert everything(tmp_path) == {}


def test_a_top_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """The walk does not begin at a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(OSError, match=r"link|directory"):
        everything(tmp_path / "link")


def test_deep_folders_are_not_entered(tmp_path: Path) -> None:
    """Beyond 20 folders in folders nothing is read; the folder there is told as not plain."""
    deep = tmp_path.joinpath(*["d"] * (DEEPEST + 1))
    deep.mkdir(parents=True)
    (deep.parent / "last").write_bytes(b"1")
    (deep / "over").write_bytes(b"1")

    found = everything(tmp_path)

    assert found == {"d/" * DEEPEST + "last": b"1", "d/" * DEEPEST + "d": None}


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    """What is exchanged for a link between the listing and the reading is refused when it is read."""
    (tmp_path / "top").mkdir()
    file = tmp_path / "top" / "x"
    file.write_bytes(b"1")
    listing = walk(tmp_path / "top", lambda name: False)
    _, read = next(listing)
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")

    assert read is not None
    with pytest.raises(OSError, match="symbolic links"):
        read(10)
    assert list(listing) == []


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "missing"])
def test_only_a_plain_file_is_read(kind: str, tmp_path: Path) -> None:
    """read_plain refuses FIFOs without waiting, folders, links, and what is not there."""
    path = tmp_path / "x"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path)

    with pytest.raises(OSError, match=r"\w"):
        read_plain(path, 10)


def test_no_more_is_read_than_was_asked(tmp_path: Path) -> None:
    """Of an endless file only the first bytes are taken."""
    (tmp_path / "x").write_bytes(b"12345")

    assert read_plain(tmp_path / "x", 3) == b"123"
