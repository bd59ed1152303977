"""Archives that would write elsewhere, bring in what is not theirs, or burst."""

from __future__ import annotations

import io
import tarfile
import zipfile
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.hostile.members import Member
from tests.hostile.place import rows
from tests.small_assignment import zipped


def packers(place: Path) -> dict[str, Member]:
    neighbour = "../../../sum/hw1/q1_rows.py"  # from where a first grader unpacks: beside the archive
    secret = str(place / "course" / "solutions" / "hw1" / "q1_rows.py")
    files = {f"{name}": data for name, data in rows().items()}

    def pair(first: str, second: str) -> bytes:
        return listed(*files.items(), (first, files["q1_rows.py"]), (second, b""))

    made = {
        "climbing.zip": listed(*files.items(), (neighbour, b"")),
        "absolute.zip": listed(*files.items(), (str(place / "owned"), b"")),
        "climbing.tar": tar(*_plain(files), ("file", neighbour, b"")),
        "absolute.tar.gz": tar(*_plain(files), ("file", str(place / "owned"), b""), mode="w:gz"),
        "link.tar": tar(*_plain(files, without="q1_rows.py"), ("link", "q1_rows.py", secret)),
        "hard-link.tar": tar(*_plain(files, without="q1_rows.py"), ("hard", "q1_rows.py", secret)),
        "link-to-folder.tar": tar(
            *_plain(files), ("link", "out", str(place / "out")), ("file", "out/hw0/s1.json", b"")
        ),
        "pipe.tar": tar(*_plain(files, without="q1_rows.py"), ("pipe", "q1_rows.py", "")),
        "many.zip": zipped(files | {f"more/{number}.txt": b"" for number in range(2_500)}),
        "twice.zip": pair("q1_rows.py", "notes.txt"),
        "twins.zip": pair("Notes.txt", "notes.txt"),
        "backwards.zip": pair("notes\u202egnp.py", "notes.txt"),
        "device.tar": tar(*_plain(files), ("device", "null", "")),
    }
    members = {f"packs-{name.replace('.', '-')}": Member("archives", {name: data}, "") for name, data in made.items()}
    for name in ("bomb.zip", "bomb.tar.xz"):
        members[f"packs-{name.replace('.', '-')}"] = Member("archives", {}, "", lay=partial(_lay_bomb, name))
    return members


def _lay_bomb(name: str, home: Path) -> None:
    (home / name).write_bytes(_bomb(name))


@cache
def _bomb(name: str) -> bytes:
    """More than may be handed in, in few bytes."""
    much = bytes(80 << 20)
    if name.endswith(".zip"):
        return zipped(rows() | {"more.bin": much})
    return tar(*_plain(rows()), ("file", "more.bin", much), mode="w:xz")


def _plain(files: dict[str, bytes], without: str = "") -> list[tuple[str, str, bytes]]:
    return [("file", name, data) for name, data in files.items() if name != without]


def listed(*entries: tuple[str, bytes]) -> bytes:
    """A zip with these members in their order, whatever their names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        seen = set()
        for name, data in entries:
            info = zipfile.ZipInfo(f"twice-{len(seen)}" if name in seen else name)
            info.filename = name
            seen.add(name)
            archive.NameToInfo.pop(name, None)  # or the library would warn of what is meant
            archive.writestr(info, data)
    return stream.getvalue()


def tar(*entries: tuple[str, str, Any], mode: str = "w") -> bytes:
    """A tar with these members: (file, name, bytes), (link, name, target), (hard, ...), (pipe, ...), (device, ...)."""
    kinds = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for kind, name, what in entries:
            member = tarfile.TarInfo(name)
            if kind == "file":
                member.size = len(what)
                archive.addfile(member, io.BytesIO(what))
            else:
                member.type, member.linkname = kinds[kind], what
                member.devmajor, member.devminor = 1, 3
                archive.addfile(member)
    return stream.getvalue()
