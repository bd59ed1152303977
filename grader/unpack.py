"""A hand-in becomes a Submission: plain files in memory by relative name, and notes on what was left out and why.

Nothing is executed, extracted to disk or followed. A GraderError that is no ArchiveError is this machine's fault, not
the student's.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from grader.archives import MOST_BYTES, MOST_FILES, archive_suffix, opened
from grader.course import Assignment, Question
from grader.disk import read_plain, walk
from grader.encodings import decoded, encoding_note
from grader.errors import ArchiveError, GraderError
from grader.names import odd_character, shown
from grader.phrases import phrase
from grader.records import HandIn, Submission, Text

# Left by machines, and the engine's wheel, which every release has in it: nobody misses them
LITTER = (
    ".*",
    "__pycache__",
    "*.pyc",
    "*.pyo",
    "*.whl",
    "__MACOSX",
    "thumbs.db",
    "desktop.ini",
    "timestamp.txt",
    "submission_secret.txt",
)
# They would change how Python or pytest behaves; *.pth also stands for checkpoints, which may hold pickled code
MEDDLING = (
    "conftest.py",
    "pytest.ini",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
)
LIBRARIES = frozenset(
    {"grader", "matplotlib", "mpl_toolkits", "mpmath", "msgpack", "networkx", "numpy", "pandas", "PIL", "pylab",
     "pytest", "safetensors", "scipy", "sklearn", "sympy", "torch", "torchaudio", "torchvision", "typing_extensions"}
)  # fmt: skip
STANDARD = frozenset(sys.stdlib_module_names) - {"test"}  # test: students write test.py, and no library imports it
MOST_NOTES = 10  # a page is for reading


def unpack(hand_in: HandIn, assignment: Assignment) -> Submission:
    """The files of a folder, an archive (zip, tar, tar.gz, tar.xz) or a single .py or .ipynb, all in memory.

    The one archive in a folder without code is opened; folders around everything are stripped; litter, settings for
    Python and pytest, and what would hide a library are left out. Raises ArchiveError where an archive is refused
    (archives.py) or a folder is over 64 MiB or 2,000 files, GraderError where the disk does not give the files.
    """
    left_out = list[Text]()
    files = plain_files(hand_in, assignment, left_out)
    notes = [*left_out]
    files = _without_meddling(files, assignment, notes)
    files = _under_its_own_name(_renamed(files, assignment, notes), assignment, notes, left_out)
    modules = [name for name in sorted(files) if name.endswith(".py")]
    notes += [note for name in modules if (note := encoding_note(shown(name), files[name]))]
    if not files:
        notes.append(phrase("unpack.empty"))
    return Submission(hand_in.student, hand_in.submitted_at, files, _few(notes), _few(left_out))


def _few(notes: list[Text]) -> tuple[Text, ...]:
    if len(notes) > MOST_NOTES:
        notes = [*notes[:MOST_NOTES], phrase("unpack.more", count=len(notes) - MOST_NOTES)]
    return tuple(notes)


def plain_files(hand_in: HandIn, assignment: Assignment, notes: list[Text]) -> dict[str, bytes]:
    """What was handed in, without litter and enclosing folders. Raises as `unpack`.

    `notes` gets what was no file, and archives that stay closed.
    """
    path = hand_in.path
    with _reading(path):
        if path.is_dir() and not path.is_symlink():
            files = _folder(path, assignment, notes)
        elif archive_suffix(path.name):
            files = _from_archive(_whole(path), path.name)
        else:
            files = {unicodedata.normalize("NFC", path.name): _whole(path)}
    notes += [phrase("unpack.unopened", name=shown(name)) for name in sorted(files) if archive_suffix(name)]
    return files


def _folder(path: Path, assignment: Assignment, notes: list[Text]) -> dict[str, bytes]:
    files = _stripped(_loose(path, notes))
    _limit(files, path.name)
    archives = [name for name in files if archive_suffix(name)]
    card = assignment.card_file  # `grader collect` lays it beside an archive that could not be opened
    has_code = any(name.casefold().endswith((".py", ".ipynb")) for name in files.keys() - {card})
    if len(archives) != 1 or "/" in archives[0] or has_code or notes:
        return files
    beside = {name: content for name, content in files.items() if name != archives[0]}
    inside = _from_archive(files[archives[0]], archives[0])
    if any(inside.get(name, content) != content for name, content in beside.items() if name != card):
        return files  # nobody can tell which of the two is meant
    _limit({**beside, **inside}, path.name)
    return {**beside, **inside}


def as_it_came(path: Path) -> dict[str, bytes]:
    """What lies in a folder, or a file, as it is: no more of it than makes a hand-in too large. Raises GraderError."""
    with _reading(path):
        return _loose(path, []) if path.is_dir() else {path.name: read_plain(path, MOST_BYTES + 1)}


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise GraderError(f"{shown(str(path), 300)} cannot be read: {fault.strerror or fault}.") from fault


def _loose(path: Path, notes: list[Text]) -> dict[str, bytes]:
    """The plain files in a folder, the last one cut, until they are a byte or a file more than a hand-in may have."""
    files: dict[str, bytes] = {}
    room = MOST_BYTES + 1
    for name, read in walk(path, _is_litter):
        kept = unicodedata.normalize("NFC", name)
        if read is None or any(odd_character(c) for c in name) or "\\" in name or kept in files:
            notes.append(phrase("unpack.not_plain", name=shown(name)))
            continue
        files[kept] = read(room)
        room -= len(files[kept])
        if not room or len(files) > MOST_FILES:
            break
    return files


def _limit(files: dict[str, bytes], name: str) -> None:
    if sum(map(len, files.values())) > MOST_BYTES:
        raise ArchiveError(phrase("unpack.too_big", archive=shown(name), size=MOST_BYTES // 2**20))
    if len(files) > MOST_FILES:
        raise ArchiveError(phrase("unpack.too_many", archive=shown(name), count=MOST_FILES))


def _from_archive(data: bytes, name: str) -> dict[str, bytes]:
    files = opened(data, name)
    return _stripped({name: content for name, content in files.items() if not any(map(_is_litter, name.split("/")))})


def _whole(path: Path) -> bytes:
    content = read_plain(path, MOST_BYTES + 1)
    _limit({path.name: content}, path.name)
    return content


def _is_litter(name: str) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in LITTER)


def _stripped(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files without the folders that enclose them all: hw5/q1.py and hw5/q2.py are q1.py and q2.py."""
    while files and len({name.split("/", 1)[0] for name in files}) == 1 and all("/" in name for name in files):
        files = {name.split("/", 1)[1]: content for name, content in files.items()}
    return files


def _without_meddling(files: dict[str, bytes], assignment: Assignment, notes: list[Text]) -> dict[str, bytes]:
    own = {question.id for question in assignment.questions}
    left_out: dict[str, Text] = {}  # one note for a whole folder
    kept = {}
    for name, content in sorted(files.items()):
        top = name.split("/", 1)[0]
        module, _, ending = top.partition(".")
        importable = "/" in name or ending.rsplit(".", 1)[-1] in ("py", "pyw", "so", "pyd")
        bare = name.rsplit("/", 1)[-1].casefold()
        if any(fnmatchcase(bare, pattern) for pattern in MEDDLING):
            left_out[name] = phrase("unpack.meddling", name=shown(name))
        elif importable and module in LIBRARIES | STANDARD and module not in own:
            left_out[top] = phrase("unpack.hides", name=shown(top), module=module)
        else:
            kept[name] = content
    notes += left_out.values()
    return kept


def _renamed(files: dict[str, bytes], assignment: Assignment, notes: list[Text]) -> dict[str, bytes]:
    """Browsers and Canvas turn q2.py into `q2 (1).py` and q2-1.py; where the module is missing, the one copy is it."""
    for question in assignment.questions:
        wanted = question.file
        copy = re.compile(re.escape(question.id) + r"[ _-]?\(?[0-9]{1,3}\)?\.py")
        copies = [name for name in files if copy.fullmatch(name)]
        if wanted not in files and len(copies) == 1:
            files = {wanted if name == copies[0] else name: content for name, content in files.items()}
            notes.append(phrase("unpack.renamed", name=shown(copies[0]), module=wanted))
    return files


def _under_its_own_name(
    files: dict[str, bytes], assignment: Assignment, notes: list[Text], left_out: list[Text]
) -> dict[str, bytes]:
    """Where no module has its name: a lone .py that defines what one question asks for is its module, alice.py too.

    Others are named, to the instructor too: they may be those of another assignment. So is, beside modules that have
    their names, what defines something that a missing one is asked for. A notebook that defines the same comes first,
    and may have modules beside it.
    """
    modules = [question.file for question in assignment.questions]
    found = sorted(name for name in files if name.casefold().endswith(".py"))
    some_have = any(name in modules for name in found)
    if some_have:
        missing = [_asked(question) for question in assignment.questions if question.file not in files]
        strays = [name for name in found if name not in modules] if missing else []
        found = [name for name in strays if any(pattern.search(decoded(files[name])) for pattern in missing)]
    if not found:
        return files
    notebooks = {name: decoded(content) for name, content in files.items() if name.endswith(".ipynb")}
    asked = {question.file: _asked(question) for question in assignment.questions}
    meant = [module for module, pattern in asked.items() if pattern.search(decoded(files[found[0]]))]
    is_lone = not some_have and len(found) == len(meant) == 1
    if is_lone and not any(map(asked[meant[0]].search, notebooks.values())):
        notes.append(phrase("unpack.renamed", name=shown(found[0]), module=meant[0]))
        return {meant[0] if name == found[0] else name: content for name, content in files.items()}
    if not notebooks.keys() - {assignment.card_file}:
        said = {"names": ", ".join(map(shown, found[:MOST_NOTES])), "modules": ", ".join(modules)}
        strange = phrase("unpack.other_name", assignment=assignment.id, **said)
        notes.append(strange)
        left_out.append(strange)
    return files


def _asked(question: Question) -> re.Pattern[str]:
    """Where something is defined that the question's stub has; nowhere if the stub is missing or empty."""
    stub = question.stub.read_text(encoding="utf-8") if question.stub.is_file() else ""
    names = re.findall(r"^(?:def|class) +(\w+)", stub, re.MULTILINE)
    return re.compile(rf"(?:def|class) +(?:{'|'.join(names)})\b" if names else "(?!)")
