"""Archives are opened in memory, whole or not at all."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grader.archives
from grader.archives import MOST_BYTES, MOST_FILES, archive_suffix, opened
from grader.errors import ArchiveError
from grader.records import Text
from tests.small_assignment import tarred, zipped

FILES = {"q1.py": b"x = 1\n", "folder/weights.safetensors": b"\0" * 3000, "folder/deep/empty.py": b""}
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "tar": tarred,
    "ustar": lambda files: tarred(files, dialect=tarfile.USTAR_FORMAT),
    "gnu tar": lambda files: tarred(files, dialect=tarfile.GNU_FORMAT),
    "tar.gz": lambda files: tarred(files, "w:gz"),
    "tar.xz": lambda files: tarred(files, "w:xz"),
}


def refused(data: bytes) -> str:
    """The English sentence with which an archive is refused."""
    with pytest.raises(ArchiveError) as caught:
        opened(data, "s1.zip")
    (sentence,) = caught.value.args
    assert isinstance(sentence, Text)
    assert sentence.fa
    assert str(caught.value) == sentence.en
    return sentence.en


def special(name: str, kind: bytes, link: str = "") -> bytes:
    """A tar with one member of the given type between two plain files."""
    book = io.BytesIO()
    with tarfile.open(fileobj=book, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("first.py"))
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        archive.addfile(member)
        archive.addfile(tarfile.TarInfo("last.py"))
    return book.getvalue()


def zip_with_mode(mode: int) -> bytes:
    """A zip whose one member says in its Unix mode what it is."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        entry = zipfile.ZipInfo("q1.py")
        entry.external_attr = mode << 16
        archive.writestr(entry, "/etc/passwd")
    return book.getvalue()


@pytest.mark.parametrize("packer", PACKERS)
def test_each_kind_of_archive_gives_its_files(packer: str) -> None:
    """zip, tar, tar.gz and tar.xz give every file with its content."""
    assert opened(PACKERS[packer](FILES), "s1") == FILES


@pytest.mark.parametrize("packer", PACKERS)
def test_an_empty_archive_has_no_files(packer: str) -> None:
    """An archive without members is no error."""
    assert opened(PACKERS[packer]({}), "s1") == {}


@pytest.mark.parametrize("packer", ["zip", "tar", "gnu tar", "tar.gz"])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "points out"),
        ("../q1.py", "points out"),
        ("a/../../q1.py", "points out"),
        ("a/..", "points out"),
        ("a//q1.py", "points out"),
        ("a/./q1.py", "points out"),
        ("C:q1.py", "points out"),
        ("C:/q1.py", "points out"),
        ("a\\q1.py", "backslashes"),
        ("..\\q1.py", "backslashes"),
        ("q1\u202eyp.exe", "characters"),
        ("q1\u2066.py", "characters"),
        ("q1\n.py", "characters"),
        ("q1\x1b[2J.py", "characters"),
        ("x" * 256, "too long"),
        ("x/" * 600 + "q1.py", "too long"),
        ("d/" * 21 + "q1.py", "too long"),
    ],
)
def test_an_odd_name_refuses_the_whole_archive(packer: str, name: str, why: str) -> None:
    """Absolute and climbing names, drives, backslashes, controls, bidi marks and endless names refuse everything."""
    assert why in refused(PACKERS[packer]({"good.py": b"", name: b"x", "more.py": b""}))


@pytest.mark.parametrize("packer", ["zip", "tar"])
@pytest.mark.parametrize(
    "names",
    [
        ("q1.py", "Q1.py"),
        ("é.py", "e\u0301.py"),
        ("a/q1.py", "A/q2.py"),
        ("a", "a/q1.py"),
        ("a/q1.py", "a"),
        ("علی\u200cرضا.py", "علیرضا.py"),
    ],
)
def test_twins_refuse_the_archive(packer: str, names: tuple[str, ...]) -> None:
    """Names that differ in case or composition only, and one name for a file and a folder, are refused."""
    assert "twice" in refused(PACKERS[packer](dict.fromkeys(names, b"")))


def test_a_name_that_comes_twice_refuses_the_archive() -> None:
    """tar's habit of appending a newer copy of a file is refused, for nobody can tell which was meant."""
    book = io.BytesIO()
    with tarfile.open(fileobj=book, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("q1.py"))
        archive.addfile(tarfile.TarInfo("./q1.py"))

    assert "twice" in refused(book.getvalue())


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "first.py"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
        (tarfile.GNUTYPE_SPARSE, ""),
        (b"M", ""),
    ],
)
def test_a_member_that_is_no_plain_file_refuses_the_tar(kind: bytes, link: str) -> None:
    """Links, devices, FIFOs, sparse files and unknown types refuse the archive."""
    assert "not a plain file" in refused(special("odd", kind, link))


def test_a_long_link_refuses_the_tar() -> None:
    """A link whose target needs GNU's extra header is a link like any other."""
    assert "not a plain file" in refused(special("odd", tarfile.SYMTYPE, "x" * 300))


def test_a_sparse_file_in_pax_dress_refuses_the_tar() -> None:
    """GNU.sparse records in a pax header are seen: such a file could claim terabytes."""
    book = io.BytesIO()
    with tarfile.open(fileobj=book, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("q1.py")
        member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "q1.py"}
        archive.addfile(member)

    assert "not a plain file" in refused(book.getvalue())


@pytest.mark.parametrize("sort", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR])
def test_a_member_that_is_no_plain_file_refuses_the_zip(sort: int) -> None:
    """A zip's Unix mode that says link, FIFO, device, socket, or folder without a slash refuses the archive."""
    assert "not a plain file" in refused(zip_with_mode(sort | 0o777))


def test_a_plain_unix_mode_is_fine() -> None:
    """A zip made on Unix says that its files are plain."""
    assert opened(zip_with_mode(stat.S_IFREG | 0o644), "s1.zip") == {"q1.py": b"/etc/passwd"}


def test_folders_and_a_leading_dot_are_fine() -> None:
    """`tar czf x.tgz .` writes ./ before every name and a member for each folder."""
    book = io.BytesIO()
    with tarfile.open(fileobj=book, mode="w:gz") as archive:
        for name in (".", "./src"):
            folder = tarfile.TarInfo(name)
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
        archive.addfile(tarfile.TarInfo("./src/q1.py"))

    assert opened(book.getvalue(), "s1.tgz") == {"src/q1.py": b""}
    assert opened(zipped({"src/": b"", "src/q1.py": b""}), "s1.zip") == {"src/q1.py": b""}


@pytest.mark.parametrize("packer", ["zip", "tar", "tar.gz"])
def test_too_many_members_refuse_the_archive(packer: str) -> None:
    """Two thousand files are read; one more, and nothing is."""
    files = {f"f{number}": b"" for number in range(MOST_FILES)}

    assert len(opened(PACKERS[packer](files), "s1")) == MOST_FILES
    assert "more than 2000 files" in refused(PACKERS[packer](files | {"more": b""}))


def test_a_list_of_contents_without_end_is_not_read() -> None:
    """A zip that lists a hundred thousand entries is refused before an object is made of each."""
    entry = b"PK\x01\x02" + bytes(42)
    data = b"PK" + entry * 100_000 + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, len(entry) * 100_000, 2, 0)
    tracemalloc.start()
    try:
        assert "more than 2000 files" in refused(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2**20  # bytes: nothing was made of the entries


@pytest.mark.parametrize("packer", ["zip", "tar.gz", "tar.xz", "tar"])
def test_the_size_limit_is_on_what_comes_out(packer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files together may have the limit's size and not a byte more, however small the archive is."""
    monkeypatch.setattr(grader.archives, "MOST_BYTES", 2**20)
    half = bytes(2**19)

    assert len(opened(PACKERS[packer]({"a": half, "b": half}), "s1")) == 2
    assert "more than 1 MiB" in refused(PACKERS[packer]({"a": half, "b": half, "c": b"x"}))


@pytest.mark.parametrize("packer", ["zip", "tar.gz", "tar.xz"])
def test_a_bomb_is_refused_in_bounded_memory(packer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive that holds sixteen times the limit costs a few times the limit, not what it holds."""
    limit = 4 * 2**20
    monkeypatch.setattr(grader.archives, "MOST_BYTES", limit)
    monkeypatch.setattr(grader.archives, "MOST_TAR", limit + 2**20)
    data = PACKERS[packer]({"bomb": bytes(16 * limit)})
    tracemalloc.start()
    try:
        assert "more than 4 MiB" in refused(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(data) < limit / 16
    assert peak < 5 * limit  # the output, and the copies while its pieces are joined


def test_a_size_that_lies_is_not_believed() -> None:
    """A zip's header that says 1 byte for 1,000 does not smuggle the rest in: the archive is damaged."""
    data = bytearray(zipped({"q1.py": b"x" * 1000}, zipfile.ZIP_DEFLATED))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<L", 1)  # the uncompressed size in the list of contents

    assert "damaged" in refused(bytes(data))


def test_entries_over_one_another_refuse_the_zip() -> None:
    """Two entries that share one compressed stream, the way of the non-recursive bombs, are refused."""
    data = bytearray(zipped({"aa": b"x" * 100, "bb": b"x" * 100}, zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)  # where its content begins: at the first one's

    assert "over one another" in refused(bytes(data))


def test_a_locked_zip_is_refused() -> None:
    """An encrypted member gets a sentence that says so."""
    data = bytearray(zipped({"q1.py": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # bit 0 of the flags

    assert "password" in refused(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_uncommon_compression_is_refused(method: int) -> None:
    """Only stored and deflated members are read: an LZMA member may ask for 4 GiB."""
    assert "uncommon" in refused(zipped({"q1.py": b"x" * 100}, method))


@pytest.mark.parametrize("start", [b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c", b"BZh91AY&SY", b"\x28\xb5\x2f\xfd"])
def test_foreign_archives_are_named_as_such(start: bytes) -> None:
    """RAR, 7z, bzip2 and zstd get a sentence that says what to send instead."""
    assert ".zip or .tar.gz" in refused(start + bytes(100))


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_archive_is_damaged(packer: str, share: float) -> None:
    """Half an archive is refused, not half read."""
    data = PACKERS[packer]({"q1.py": bytes(range(256)) * 8, "q2.py": b"y" * 100})
    end = len(data.rstrip(b"\0"))

    assert "damaged" in refused(data[: int(end * share)])


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"hello", b"\x1f\x8b", b"\xfd7zXZ\0", b"PK\x05\x06" + b"\xff" * 18, b"\0" * 100]
)
def test_what_is_no_archive_is_damaged(data: bytes) -> None:
    """An empty file, text, and bare first bytes are refused."""
    assert "damaged" in refused(data)


@pytest.mark.parametrize("packer", ["zip", "tar.gz", "tar.xz"])
def test_bytes_behind_the_end_are_damage(packer: str) -> None:
    """What follows a compressed archive is not ignored, for another program might read that instead."""
    data = PACKERS[packer](FILES)

    assert "damaged" in refused(data + data[:40] + b"more" * 20_000)


@pytest.mark.parametrize("packer", ["zip", "tar"])
def test_names_are_composed(packer: str) -> None:
    """macOS packs letters and accents apart; here a name has one spelling, NFC."""
    assert set(opened(PACKERS[packer]({"e\u0301.py": b""}), "s1")) == {"\u00e9.py"}


def test_xz_that_asks_for_much_memory_is_refused() -> None:
    """A stream whose dictionary is 1 GiB is not given one."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**20}]
    data = bytearray(lzma.compress(tarred(FILES), filters=filters))
    at = data.index(b"\x21\x01")  # the LZMA2 filter's id and the length of its properties, then the dictionary's size
    data[at + 2] = 36  # 1 GiB in the format's own scale
    header_length = (data[12] + 1) * 4
    data[12 + header_length - 4 : 12 + header_length] = struct.pack("<L", zlib.crc32(data[12 : 12 + header_length - 4]))

    assert "damaged" in refused(bytes(data))


def test_the_archives_own_name_is_shown_safely() -> None:
    """A right-to-left override in the archive's own name does not reach the sentence."""
    with pytest.raises(ArchiveError, match=r"a\\u202eb\.zip"):
        opened(b"", "a\u202eb.zip")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("s1.zip", ".zip"), ("S1.ZIP", ".zip"), ("s.1.tar.gz", ".tar.gz"), ("s1.rar", ".rar"), ("s1.py", ""), ("zip", "")],
)
def test_suffixes_of_archives_are_known(name: str, suffix: str) -> None:
    """The longest suffix counts, in any letter case, foreign kinds too."""
    assert archive_suffix(name) == suffix


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"\xfd7zXZ\0"]))
def test_any_bytes_are_an_archive_or_an_archive_error(tail: bytes, start: bytes) -> None:
    """No bytes make the reader fail in any other way."""
    survives(start + tail)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(PACKERS)), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
def test_any_damage_is_survived(packer: str, changes: list[tuple[int, int]]) -> None:
    """An archive with some bytes changed gives files or an ArchiveError, and never more than the limits."""
    data = bytearray(PACKERS[packer](FILES))
    for place, value in changes:
        data[place % len(data)] = value

    survives(bytes(data))


def survives(data: bytes) -> None:
    try:
        files = opened(data, "s1.zip")
    except ArchiveError:
        return
    assert len(files) <= MOST_FILES
    assert sum(map(len, files.values())) <= MOST_BYTES
    assert not any(name.startswith("/") or ".." in name.split("/") for name in files)


NAMES = st.from_regex(r"[a-z]{1,60}(/[a-z]{1,60}){0,4}\.py", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(PACKERS)), st.dictionaries(NAMES, st.binary(max_size=1500), max_size=5))
def test_what_was_packed_comes_out(packer: str, files: dict[str, bytes]) -> None:
    """Every packer's archive of ordinary files is read back the same."""
    prefixed = {f"{number}/{name}": content for number, (name, content) in enumerate(files.items())}

    assert opened(PACKERS[packer](prefixed), "s1") == prefixed


def test_what_we_pack_is_the_same_on_every_day() -> None:
    """Neither the day nor the order of files matters; who unpacks it may read every file and run what is a script."""
    first = grader.archives.zipped({"b.sh": b"2", "a": b"1"}, executable=["b.sh"])
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        packed = [(entry.filename, entry.external_attr >> 16, entry.date_time[:3]) for entry in book.infolist()]

    assert first == grader.archives.zipped({"a": b"1", "b.sh": b"2"}, executable=["b.sh"])
    assert packed == [("a", 0o100644, (1980, 1, 1)), ("b.sh", 0o100755, (1980, 1, 1))]
    assert opened(first, "s1.zip") == {"a": b"1", "b.sh": b"2"}
