"""The tar reader agrees with tarfile on what tarfile writes, and stops at what is wrong."""

from __future__ import annotations

import contextlib
import io
import struct
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.tarball import BLOCK, DamagedTar, members
from tests.small_assignment import tarred

DIALECTS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def read(raw: bytes) -> dict[str, bytes]:
    return {member.name: bytes(member.content) for member in members(raw)}


def header(name: bytes = b"q1.py", size: bytes = b"0", kind: bytes = b"0", checksum: int | None = None) -> bytes:
    """One hand-made ustar header with the right checksum, unless another is given."""
    block = bytearray(BLOCK)
    block[: len(name)] = name
    block[124 : 124 + len(size)] = size
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:155] = b"%06o\0" % (sum(block) if checksum is None else checksum)
    return bytes(block)


END = bytes(2 * BLOCK)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/\n"), min_size=1, max_size=80)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DIALECTS), st.dictionaries(TEXT, st.binary(max_size=1200), max_size=4), st.integers(0, 3))
def test_it_reads_what_tarfile_writes(dialect: int, files: dict[str, bytes], depth: int) -> None:
    """Short and long names, Unicode and any content come out as tarfile put them in, in its three dialects."""
    deep = {f"{'folder/' * 12 * depth}{name}": content for name, content in files.items()}
    try:
        raw = tarred(deep, dialect=dialect)
    except ValueError:  # ustar has no room for the name
        return

    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        assert list(read(raw)) == [f"{m.name}" for m in archive.getmembers()]
    assert read(raw) == deep


def test_numbers_in_base_256_are_read() -> None:
    """GNU writes sizes of 8 GiB and more in base 256; a small one in that form is the same number."""
    size = b"\x80" + bytes(7) + struct.pack(">L", 3)

    assert read(header(size=size) + b"abc".ljust(BLOCK, b"\0") + END) == {"q1.py": b"abc"}


def test_an_old_folder_is_known_by_its_slash() -> None:
    """Before ustar a folder was a plain member whose name ends with a slash."""
    assert [member.kind for member in members(header(b"folder/", kind=b"\0") + END)] == ["folder"]


def test_a_pax_size_rules_the_next_member() -> None:
    """A pax record for the size stands above the header's own number."""
    record = b"10 size=3\n"
    raw = header(b"PaxHeader", b"%o" % len(record), b"x") + record.ljust(BLOCK, b"\0")

    assert read(raw + header() + b"abc".ljust(BLOCK, b"\0") + END) == {"q1.py": b"abc"}


def test_a_pax_size_waits_for_its_member() -> None:
    """Between a pax record for the size and the member that it is meant for there may be a long name."""
    record = b"10 size=3\n"
    raw = header(b"PaxHeader", b"%o" % len(record), b"x") + record.ljust(BLOCK, b"\0")
    raw += header(b"LongLink", b"7", b"L") + b"long.py".ljust(BLOCK, b"\0")

    assert read(raw + header() + b"abc".ljust(BLOCK, b"\0") + END) == {"long.py": b"abc"}


def test_a_comment_for_the_whole_archive_is_no_member() -> None:
    """git archive writes a global header; it names no file."""
    record = b"20 comment=00000000\n"
    raw = header(b"pax_global_header", b"%o" % len(record), b"g") + record.ljust(BLOCK, b"\0")

    assert read(raw + header() + END) == {"q1.py": b""}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(header(), id="no end"),
        pytest.param(header() + header()[:100], id="half a header"),
        pytest.param(header(size=b"7000") + END, id="longer than the archive"),
        pytest.param(header(checksum=1) + END, id="wrong checksum"),
        pytest.param(header(size=b"9") + END, id="not octal"),
        pytest.param(header(size=b"-1") + END, id="negative"),
        pytest.param(header(size=b"\xff" * 12) + END, id="negative in base 256"),
        pytest.param(header(b"\xff\xfe") + END, id="name not UTF-8"),
        pytest.param(header(kind=b"x", size=b"4") + b"junk".ljust(BLOCK, b"\0") + header() + END, id="junk in pax"),
        pytest.param(
            header(kind=b"x", size=b"10") + b"99 a=b\n\0".ljust(BLOCK, b"\0") + header() + END, id="long record"
        ),
        pytest.param(
            header(kind=b"x", size=b"12") + b"10 size=-\n".ljust(BLOCK, b"\0") + header() + END, id="pax size"
        ),
        pytest.param(header(kind=b"x", size=b"400000") + bytes(2**17) + header() + END, id="endless pax"),
        pytest.param(header(kind=b"L", size=b"2") + b"\xff\xff".ljust(BLOCK, b"\0") + header() + END, id="long name"),
    ],
)
def test_damage_is_said(raw: bytes) -> None:
    """Nothing ends in silence: a wrong header, number, record, name or end raises DamagedTar."""
    with pytest.raises(DamagedTar):
        list(members(raw))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([header(), header(kind=b"x", size=b"12"), header(kind=b"L", size=b"5"), END]), max_size=6),
    st.binary(),
)
def test_any_blocks_end(blocks: list[bytes], tail: bytes) -> None:
    """Whatever follows whatever, the reader comes to an end or says DamagedTar."""
    with contextlib.suppress(DamagedTar):
        assert len(list(members(b"".join(blocks) + tail))) <= len(blocks)
