"""A notebook is data: its code cells become question modules, and nothing of it is executed.

One of nbformat's two doorways. Reading a stranger's JSON and parsing a stranger's Python happen in a helper process
with limits on memory and time, because a parser can be made to hang and only a process can be killed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.cells import MOST_BYTES, Cell, names_of, to_sources
from grader.course import Assignment
from grader.errors import ArchiveError, CourseError
from grader.names import shown
from grader.phrases import phrase
from grader.records import Submission, Text
from grader.sandbox.isolated_call import Lost, isolated_call

MOST_CELLS = 2_000
MOST_CODE = 2**20  # characters of Python in all cells
DEADLINE = 30.0  # seconds; an honest notebook takes one


def settle(submission: Submission, assignment: Assignment) -> Submission:
    """The submission with one module a question, and a note on where each that came from a notebook is from.

    A module that differs from its stub wins over cells; else the notebook's cells are the module. Only notebooks at the
    top are read; one named for a question comes first and gives its cells without an owner to that question. Raises
    ArchiveError where a notebook cannot be read and no module was made or written, CourseError where a stub is missing.
    """
    notebooks = {name: book for name, book in submission.files.items() if name.endswith(".ipynb") and "/" not in name}
    if not notebooks:
        return submission
    stubs = {question.id: _stub(question.stub) for question in assignment.questions}
    written = {f"{q}.py" for q, stub in stubs.items() if _differs(submission.files.get(f"{q}.py"), stub)}
    made: dict[str, bytes] = {}
    notes: list[Text] = []
    faults: list[ArchiveError] = []
    for notebook, found in to_modules(notebooks, stubs).items():
        if isinstance(found, ArchiveError):
            faults.append(found)
            continue
        modules, said = found
        names = {"notebook": shown(notebook)}
        if aside := sorted(modules.keys() & written):
            notes.append(phrase("notebook.module_wins", modules=", ".join(aside), **names))
        if second := sorted((modules.keys() & made.keys()) - written):
            notes.append(phrase("notebook.second", modules=", ".join(second), **names))
        if fresh := sorted(modules.keys() - written - made.keys()):
            notes += [phrase("notebook.graded", modules=", ".join(fresh), **names), *said]
        elif not modules:
            notes += said
        made |= {name: modules[name] for name in fresh}
    if faults and not made and not written:
        raise faults[0]
    notes += [fault.told for fault in faults]
    files = {**submission.files, **made}
    return replace(submission, files=files, notes=(*submission.notes, *notes))


def to_modules(
    notebooks: Mapping[str, bytes], stubs: Mapping[str, str]
) -> dict[str, tuple[dict[str, bytes], tuple[Text, ...]] | ArchiveError]:
    """For each notebook, by its name, its modules as file name -> UTF-8 source, and notes for the student.

    Any version of the format is read. `stubs` is question id -> the stub's text; a notebook named for a question
    belongs to it and comes before others. The rules for cells are in cells.py. An ArchiveError stands for what is no
    notebook, is over 16 MiB, 2,000 code cells or 1 MiB of code; one process reads all, so that a hand-in has 30 s
    however many it brings.
    """
    found: dict[str, tuple[dict[str, bytes], tuple[Text, ...]] | ArchiveError] = {}
    texts = {}
    owners = {f"{name}.ipynb": question for name, question in names_of(stubs).items()}
    for name in sorted(notebooks, key=lambda name: (name not in owners, name)):
        content = notebooks[name]
        found[name] = _unreadable(name)
        if len(content) > MOST_BYTES:
            found[name] = ArchiveError(phrase("notebook.too_big", notebook=shown(name), size=MOST_BYTES // 2**20))
            continue
        with suppress(UnicodeDecodeError):
            texts[name] = content.decode("utf-8-sig")
    request = {"stubs": dict(stubs), "notebooks": [(name, owners.get(name, ""), text) for name, text in texts.items()]}
    with suppress(Lost):
        for name, told in isolated_call("grader.notebooks:answer", request, DEADLINE).items():
            notes = tuple(Text(**note) for note in told["notes"])
            sources = told["sources"]
            found[name] = (
                ArchiveError(notes[0])
                if sources is None
                else ({f"{question}.py": source.encode() for question, source in sources.items()}, notes)
            )
    return found


def _unreadable(name: str) -> ArchiveError:
    return ArchiveError(phrase("notebook.unreadable", notebook=shown(name)))


def read_cells(text: str, name: str) -> list[Cell]:
    """The code cells of a notebook's JSON, converted to format 4; outputs and all metadata but tags are dropped.

    Raises ArchiveError for what is no notebook or has too many cells or too much code.
    """
    import nbformat  # 0.1 s, only for who has a notebook

    try:
        book = nbformat.convert(nbformat.reader.reads(text), 4)  # type: ignore[no-untyped-call]
        found = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        cells = [Cell(n, _tags(cell), _source(cell)) for n, cell in enumerate(found, 1) if not _is_for_a_grade(cell)]
    except Exception as fault:  # nbformat checks little before it reads: any exception means "no notebook"
        raise _unreadable(name) from fault
    if len(cells) > MOST_CELLS or sum(len(cell.source) for cell in cells) > MOST_CODE:
        raise ArchiveError(phrase("notebook.too_much", notebook=shown(name), count=MOST_CELLS, size=MOST_CODE // 2**20))
    return cells


def _tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    tags = cell.get("metadata", {}).get("tags", [])
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _is_for_a_grade(cell: Mapping[str, Any]) -> bool:
    """A locked cell of the report card: ours, and nbgrader puts it back whatever was written there."""
    named = cell.get("metadata", {}).get("nbgrader")
    return isinstance(named, dict) and named.get("grade") is True and not named.get("solution")


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    whole = source if isinstance(source, str) else "".join(source)
    lines = whole.replace("\r\n", "\n").replace("\r", "\n")
    return lines.encode("utf-8", "replace").decode()  # JSON may hold half a pair


def _stub(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise CourseError(f"{path} is missing: run `grader sync` to make the stubs from solutions/.") from fault


def _differs(module: bytes | None, stub: str) -> bool:
    """Was anything written into the module? Line ends, blanks before them and GIVEN (one's own) do not count."""
    return module is not None and _normal(module.decode("utf-8-sig", "replace")) != _normal(stub)


def _normal(source: str) -> list[str]:
    lines = [line.rstrip() for line in source.splitlines()]
    start = next((i for i, line in enumerate(lines) if line.startswith("GIVEN")), None)
    if start is not None:
        end = (
            start
            if lines[start].endswith("}")
            else next((i for i in range(start, len(lines)) if lines[i] == "}"), start)
        )
        lines[start : end + 1] = ["GIVEN"]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the helper process tells of each notebook: `sources` by question, or None if refused, and `notes`."""
    # jsonschema imports it for a check that we do not make; it takes 1.3 of the 1.5 s that importing nbformat takes
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    told: dict[str, Any] = {}
    for name, owner, text in request["notebooks"]:
        sources: dict[str, str] | None = None
        try:
            sources, notes = to_sources(read_cells(text, name), request["stubs"], name, owner)
        except ArchiveError as fault:
            notes = [fault.told]
        told[name] = {"sources": sources, "notes": [note.as_json() for note in notes]}
    return told
