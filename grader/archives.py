"""Opens a hand-in's archive in memory: zip, tar, tar.gz, tar.xz, one level, all of it or nothing. Packs our own zips.

At the first odd member the whole archive is refused, because an archive with one such member was not made by accident.
Sizes are counted while reading: what headers say is never believed.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from grader.errors import ArchiveError
from grader.names import odd_character, shown, twin_key
from grader.phrases import phrase
from grader.tarball import BLOCK, DamagedTar
from grader.tarball import members as tar_members

SUFFIXES = (".tar.gz", ".tar.xz", ".tgz", ".txz", ".tar", ".zip")
# Handed in all the same; refused with a sentence that says so
FOREIGN = (".tar.bz2", ".tbz2", ".tar.zst", ".rar", ".7z")
MOST_BYTES = 64 * 2**20  # all files of one hand-in together
MOST_FILES = 2_000
MOST_OF_A_CLASS = 100_000  # members of a download of all hand-ins
XZ_MEMORY = 128 * 2**20  # xz -9 needs 65 MiB; a header may ask for 4 GiB
LONGEST_PART = 255  # bytes of one name between two slashes: the file systems' limit
LONGEST_NAME = 1_024  # bytes with all folders
ZIP_HEADER = 30  # bytes of a local header before its name
MOST_PARTS = 21  # 20 folders and the file
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip's calendar: the same files make the same archive on every day

# A tar of that much: a header, two blocks of pax, one of padding and one to spare for each file, 20 KiB of end
MOST_TAR = MOST_BYTES + 5 * BLOCK * MOST_FILES + 20 * 1024
_CENTRAL_ENTRY = b"PK\x01\x02"  # before each entry of a zip's list of contents
_FOREIGN_STARTS = (b"Rar!", b"7z\xbc\xaf", b"BZh", b"\x28\xb5\x2f\xfd")


# What the readers raise for bytes that are not what they claim: from their sources, and what the property tests found
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,  # gzip's BadGzipFile, and a seek before the start
    ValueError,  # DamagedTar is one
    RuntimeError,  # with NotImplementedError: zipfile on patched data and strong encryption
    OverflowError,
    LookupError,
)


@dataclass(frozen=True)
class _Member:
    name: str
    kind: str  # file, folder, other
    read: Callable[[int], bytes]


def archive_suffix(name: str) -> str:
    """The archive suffix that a file's name ends with, known or foreign; "" if none."""
    lowered = name.lower()
    return next((suffix for suffix in (*SUFFIXES, *FOREIGN) if lowered.endswith(suffix)), "")


def opened(data: bytes, archive: str) -> dict[str, bytes]:
    """The files in an archive by relative posix name, NFC; `archive` is its name for the sentences.

    What it is, is read from its first bytes, since people rename archives. Raises ArchiveError: damaged,
    locked, of an unknown sort, too large, or with an odd member.
    """
    archive = shown(archive)
    if data.startswith(_FOREIGN_STARTS):
        raise ArchiveError(phrase("unpack.foreign", archive=archive))
    try:
        members = _zip(data, archive) if data.startswith(b"PK") else _tar(_inflated(data, archive))
        return _gathered(members, archive)
    except _DAMAGE as fault:
        raise ArchiveError(phrase("unpack.damaged", archive=archive)) from fault


def each_file(path: Path) -> Iterator[tuple[str, bytes | ArchiveError]]:
    """The files of a whole class's zip one after another, by relative name; an odd one is an ArchiveError in its place.

    Here one student's odd member must not cost the others theirs. Raises ArchiveError where the zip cannot be read or
    has over 100,000 members.
    """
    archive = shown(path.name)
    try:
        with zipfile.ZipFile(path) as book:
            entries = book.infolist()
            if len(entries) > MOST_OF_A_CLASS:
                raise ArchiveError(phrase("unpack.too_many", archive=archive, count=MOST_OF_A_CLASS))
            for entry in entries:
                member = _Member(entry.orig_filename, _zip_kind(entry), partial(_zip_content, book, entry))
                if member.kind != "folder":
                    yield _each(member, archive)
    except _DAMAGE as fault:
        raise ArchiveError(phrase("unpack.damaged", archive=archive)) from fault


def names_in(path: Path) -> list[str]:
    """What a zip says is in it, with nothing of it read; none for a file that is no zip."""
    try:
        with zipfile.ZipFile(path) as book:
            return [entry.orig_filename for entry in book.infolist()]
    except _DAMAGE:
        return []


def _each(member: _Member, archive: str) -> tuple[str, bytes | ArchiveError]:
    try:
        name = _admitted(member, archive)
        content = member.read(MOST_BYTES + 1)
    except ArchiveError as fault:
        return member.name, fault
    except _DAMAGE:
        return member.name, ArchiveError(phrase("unpack.damaged", archive=shown(member.name)))
    if len(content) > MOST_BYTES:
        return name, ArchiveError(phrase("unpack.too_big", archive=shown(name), size=MOST_BYTES // 2**20))
    return name, content


def _gathered(members: Iterator[_Member], archive: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    spellings: dict[str, str] = {}  # twin key of each file and folder -> how it was written first
    folders: set[str] = set()
    room = MOST_BYTES
    for number, member in enumerate(members, 1):
        if number > MOST_FILES:
            raise ArchiveError(phrase("unpack.too_many", archive=archive, count=MOST_FILES))
        name = _admitted(member, archive)
        parts = name.split("/") if name else []
        for end in range(1, len(parts) + 1):
            path = "/".join(parts[:end])
            is_folder = end < len(parts) or member.kind == "folder"
            written_before = spellings.setdefault(twin_key(path), path)
            if written_before != path or path in files or (path in folders and not is_folder):
                raise ArchiveError(phrase("unpack.twin", archive=archive, member=shown(path)))
            if is_folder:
                folders.add(path)
        if member.kind == "folder":
            continue
        content = member.read(room + 1)
        room -= len(content)
        if room < 0:
            raise ArchiveError(phrase("unpack.too_big", archive=archive, size=MOST_BYTES // 2**20))
        files[name] = content
    return files


def _admitted(member: _Member, archive: str) -> str:
    """The member's name, relative and NFC, "" for the archive's own root; ArchiveError if anything about it is odd."""
    raw = member.name

    def refuse(why: str) -> ArchiveError:
        return ArchiveError(phrase(f"unpack.{why}", archive=archive, member=shown(raw)))

    if any(odd_character(c) for c in raw):
        raise refuse("characters")
    if "\\" in raw:
        raise refuse("backslash")
    if member.kind == "other":
        raise refuse("special")
    name = unicodedata.normalize("NFC", raw.rstrip("/") if member.kind == "folder" else raw)
    while name.startswith("./"):  # what `tar czf x.tgz .` writes before every name
        name = name[2:]
    if member.kind == "folder" and name == ".":
        return ""
    parts = name.split("/")
    if re.match("[A-Za-z]:", name) or any(part in ("", ".", "..") for part in parts):
        raise refuse("path")
    if (
        len(parts) > MOST_PARTS
        or len(name.encode()) > LONGEST_NAME
        or max(len(p.encode()) for p in parts) > LONGEST_PART
    ):
        raise refuse("long")
    return name


def _zip(data: bytes, archive: str) -> Iterator[_Member]:
    if data.count(_CENTRAL_ENTRY) > 5 * MOST_FILES:  # before zipfile makes an object of each; 5: a zip may lie inside
        raise ArchiveError(phrase("unpack.too_many", archive=archive, count=MOST_FILES))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        entries = book.infolist()
        in_place = sorted(entries, key=lambda entry: entry.header_offset)
        for entry, after in pairwise(in_place):
            if entry.header_offset + ZIP_HEADER + entry.compress_size > after.header_offset:
                raise ArchiveError(phrase("unpack.overlap", archive=archive))
        for entry in entries:
            if entry.flag_bits & 0x1:  # bit 0: encrypted
                raise ArchiveError(phrase("unpack.locked", archive=archive))
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ArchiveError(phrase("unpack.method", archive=archive))
            yield _Member(entry.orig_filename, _zip_kind(entry), partial(_zip_content, book, entry))


def _zip_kind(entry: zipfile.ZipInfo) -> str:
    sort = stat.S_IFMT(entry.external_attr >> 16)  # the upper half is the Unix mode, 0 where another system packed
    if sort not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "other"
    if entry.is_dir():
        return "folder"
    return "file" if sort != stat.S_IFDIR else "other"


def _zip_content(book: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with book.open(entry) as stream:
        return stream.read(limit)


def _tar(raw: bytes) -> Iterator[_Member]:
    for member in tar_members(raw):
        yield _Member(member.name, member.kind, partial(_tar_content, member.content))


def _tar_content(content: memoryview, limit: int) -> bytes:
    return bytes(content[:limit])


def _inflated(data: bytes, archive: str) -> bytes:
    """The tar inside .tar.gz and .tar.xz, as far as our limits go; a plain tar as it is."""
    if data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            raw = stream.read(MOST_TAR + 1)
    elif data.startswith(b"\xfd7zXZ\0"):
        machine = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
        raw = machine.decompress(data, MOST_TAR + 1)
        if len(raw) <= MOST_TAR and (not machine.eof or machine.unused_data):
            raise DamagedTar("the xz stream does not end where the file ends")
    else:
        raw = data
    if len(raw) > MOST_TAR:
        raise ArchiveError(phrase("unpack.too_big", archive=archive, size=MOST_BYTES // 2**20))
    return raw


def zipped(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip of these files, in the order of names, with nothing in it that differs from day to day."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16  # its Unix mode: all may read it
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return book.getvalue()
