"""A notebook is data: it gives modules or one sentence, and a module that was written wins over it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grader.notebooks
from grader.course import Assignment
from grader.errors import ArchiveError, CourseError
from grader.notebooks import read_cells, settle, to_modules
from grader.records import Submission, Text
from grader.sandbox.isolated_call import isolated_call
from tests.small_assignment import STUBS

ROWS = "def rows():\n    return 8\n"
TOTAL = "def total():\n    return 3\n"


def code(source: Any, *tags: str, **more: Any) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None} | more


def notebook(*cells: dict[str, Any], minor: int = 4, **more: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor} | more).encode()


def old_notebook(version: int, source: Any) -> bytes:
    cell = {
        "cell_type": "code",
        "input": source,
        "outputs": [],
        "language": "python",
        "collapsed": False,
        "metadata": {},
    }
    pages: dict[int, dict[str, Any]] = {
        1: {"cells": [{"cell_type": "code", "code": source, "prompt_number": 1}]},
        2: {"worksheets": [{"cells": [cell]}], "metadata": {"name": "x"}, "nbformat": 2},
        3: {
            "worksheets": [{"cells": [cell], "metadata": {}}],
            "metadata": {"name": "x"},
            "nbformat": 3,
            "nbformat_minor": 0,
        },
    }
    return json.dumps(pages[version]).encode()


def settled(files: dict[str, bytes], assignment: Assignment) -> tuple[dict[str, bytes], list[str]]:
    submission = settle(Submission("s1", "", files, (Text("before", "پیش"),)), assignment)
    assert submission.notes[0].en == "before"
    assert all(note.fa for note in submission.notes)
    return dict(submission.files), [note.en for note in submission.notes[1:]]


def modules_of(book: bytes, name: str = "notebook.ipynb") -> tuple[dict[str, bytes], tuple[Text, ...]]:
    """What `to_modules` has for this one notebook; what it refuses is raised."""
    (found,) = to_modules({name: book}, STUBS).values()
    if isinstance(found, ArchiveError):
        raise found
    return found


def test_a_notebook_gives_modules() -> None:
    """Cells become one module a question, by tag or by name, without outputs, markdown and metadata."""
    output = {"output_type": "stream", "name": "stdout", "text": "a secret output"}
    book = notebook(
        code(["x = 8\n", "def rows():\n", "    return x"], "q2", outputs=[output]),
        {"cell_type": "markdown", "source": "def total(): no", "metadata": {}},
        {"cell_type": "raw", "source": "def total(): no", "metadata": {}},
        metadata={"kernelspec": {"name": "evil"}},
    )

    modules, notes = modules_of(book)

    assert set(modules) == {"q2_rows.py"}
    text = modules["q2_rows.py"].decode()
    assert text.startswith(STUBS["q2_rows"].rstrip())
    assert text.endswith("# notebook.ipynb, cell 1\nx = 8\ndef rows():\n    return x\n")
    assert "secret" not in text
    assert notes == ()


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("as_lines", [False, True])
def test_old_notebooks_are_converted(version: int, as_lines: bool) -> None:
    """Formats 1 to 3 are read like format 4."""
    source: Any = ROWS.splitlines(keepends=True) if as_lines and version > 1 else ROWS

    assert b"return 8" in modules_of(old_notebook(version, source))[0]["q2_rows.py"]


@pytest.mark.parametrize("minor", [0, 2, 5, 99])
def test_every_minor_format_is_read(minor: int) -> None:
    """Cell ids or none, known minor version or a later one: the cells are the same."""
    assert set(modules_of(notebook(code(ROWS), minor=minor))[0]) == {"q2_rows.py"}


def test_a_byte_order_mark_and_other_line_ends_are_fine() -> None:
    """A notebook that passed through Windows is a notebook."""
    book = b"\xef\xbb\xbf" + notebook(code("x = 1\r\ndef rows():\r    return x\r\n"))

    assert b"x = 1\ndef rows():\n    return x\n" in modules_of(book)[0]["q2_rows.py"]


@pytest.mark.parametrize(
    "book",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="text"),
        pytest.param(b"\x80\x81", id="not UTF-8"),
        pytest.param(notebook().decode().encode("utf-16"), id="UTF-16"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"3", id="a number"),
        pytest.param(b"{}", id="an empty table"),
        pytest.param(b'{"nbformat": "4"}', id="a version in quotes"),
        pytest.param(b'{"nbformat": 77, "cells": []}', id="an unknown version"),
        pytest.param(b'{"nbformat": 4, "nbformat_minor": 4, "metadata": {}}', id="no cells"),
        pytest.param(notebook(cells=3), id="cells that are a number"),
        pytest.param(notebook(cells=["x"]), id="a cell that is a text"),
        pytest.param(notebook({"source": "x"}), id="a cell without a type"),
        pytest.param(notebook(code(None)), id="no source"),
        pytest.param(notebook(code([1, 2])), id="a source of numbers"),
        pytest.param(notebook(code("x", metadata=3)), id="metadata that is a number"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_one_sentence(book: bytes) -> None:
    """Text, other JSON, and notebooks with wrong parts are refused with one sentence in both languages."""
    with pytest.raises(ArchiveError) as caught:
        modules_of(book, "mine.ipynb")

    (sentence,) = caught.value.args
    assert sentence.fa
    assert str(caught.value) == "mine.ipynb cannot be read as a notebook: save it again in Jupyter and hand in again."


@pytest.mark.parametrize("tags", [3, "q2", [3, None], {"q2": 1}])
def test_odd_tags_are_no_tags(tags: Any) -> None:
    """Tags that are no list of texts say nothing, and cost nothing."""
    book = notebook(code(ROWS, metadata={"tags": tags}))

    assert set(modules_of(book)[0]) == {"q2_rows.py"}


def test_limits_are_kept() -> None:
    """A notebook over the size, the number of cells or the amount of code is refused with what to do."""
    with pytest.raises(ArchiveError, match="larger than 16 MiB; clear its outputs"):
        modules_of(notebook(code(ROWS)) + b" " * 2**24)
    with pytest.raises(ArchiveError, match="more than 2000 code cells or 1 MiB of code"):
        modules_of(notebook(*[code("")] * 2001))
    with pytest.raises(ArchiveError, match="more than 2000 code cells or 1 MiB of code"):
        modules_of(notebook(code("#" * 2**20), code("#")))


def test_half_a_letter_is_replaced() -> None:
    """JSON may hold half of a surrogate pair; the module is UTF-8 all the same."""
    book = notebook(code(ROWS + "x = '\\ud800'")).replace(b"\\\\ud800", b"\\ud800")

    assert b"x = '?'" in modules_of(book)[0]["q2_rows.py"]


def test_a_notebook_that_the_helper_does_not_survive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """When no answer comes in time, or ever, the sentence is that of an unreadable notebook."""
    monkeypatch.setattr(grader.notebooks, "DEADLINE", 0.0)

    with pytest.raises(ArchiveError, match="cannot be read as a notebook"):
        modules_of(notebook(code(ROWS)))


def test_one_helper_reads_all_notebooks_of_a_hand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, and however long each takes, nobody else waits longer than one deadline for them."""
    asked: list[float] = []

    def counted(function: str, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        asked.append(seconds)
        return isolated_call(function, request, seconds)

    monkeypatch.setattr(grader.notebooks, "isolated_call", counted)
    names = [f"copy{n}.ipynb" for n in range(50)]
    books = {**dict.fromkeys(names, b"no notebook"), "q2.ipynb": notebook(code(ROWS)), "old.ipynb": b"\x80"}

    found = to_modules(books, STUBS)

    assert asked == [grader.notebooks.DEADLINE]
    assert [name for name, modules in found.items() if not isinstance(modules, ArchiveError)] == ["q2.ipynb"]
    assert list(found) == ["q2.ipynb", *sorted([*names, "old.ipynb"])]


def test_without_a_notebook_nothing_changes(assignment: Assignment) -> None:
    """A submission of modules passes through untouched."""
    assert settled({"q1_sums.py": b"x", "sub/hw5.ipynb": b"x"}, assignment) == (
        {"q1_sums.py": b"x", "sub/hw5.ipynb": b"x"},
        [],
    )


def test_a_notebook_fills_in_missing_modules(assignment: Assignment) -> None:
    """Where there is no module the notebook's cells are it, and the notes say so."""
    files, notes = settled({"hw5.ipynb": notebook(code(ROWS), code(TOTAL))}, assignment)

    assert set(files) == {"hw5.ipynb", "q1_sums.py", "q2_rows.py"}
    assert notes == ["From the notebook hw5.ipynb these were graded: q1_sums.py, q2_rows.py."]


def test_a_cell_for_a_grade_is_no_answer(assignment: Assignment) -> None:
    """The report card's locked cells are ours: what stands in one is neither kept nor named as left out."""
    ours = code('import os\n\nassert os.environ.get("X") != "y"\n\ndef rows():\n    return 1\n')
    ours["metadata"]["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "q2a", "points": 1}

    files, notes = settled({"hw5.ipynb": notebook(ours, code(TOTAL))}, assignment)

    assert set(files) == {"hw5.ipynb", "q1_sums.py"}
    assert b"import os" not in files["q1_sums.py"]
    assert notes == ["From the notebook hw5.ipynb these were graded: q1_sums.py."]


@pytest.mark.parametrize(
    "change",
    [
        lambda stub: stub,
        lambda stub: stub.replace("\n", "\r\n"),
        lambda stub: "\ufeff" + stub + "\n\n",
        lambda stub: stub.replace("):\n", "):  \n"),
        lambda stub: stub.replace("[1, 2]", "[5,\n     6]"),
        lambda stub: stub.replace('GIVEN = {\n    "x": [1, 2],\n}', 'GIVEN = {"x": [7, 7]}'),
    ],
)
def test_an_untouched_module_gives_way_to_the_notebook(change: Any, assignment: Assignment) -> None:
    """Line ends, blanks at ends, a byte order mark, and the student's own GIVEN are no work of theirs."""
    files, notes = settled(
        {"q2_rows.py": change(STUBS["q2_rows"]).encode(), "hw5.ipynb": notebook(code(ROWS))}, assignment
    )

    assert b"return 8" in files["q2_rows.py"]
    assert notes == ["From the notebook hw5.ipynb these were graded: q2_rows.py."]


@pytest.mark.parametrize(
    "written", [STUBS["q2_rows"].replace("raise", "return"), STUBS["q2_rows"] + "x = 1", "", "\udc80"]
)
def test_a_written_module_wins_over_the_notebook(written: str, assignment: Assignment) -> None:
    """Any other difference from the stub is the student's, and the module is graded; the notes say so."""
    module = written.encode("utf-8", "surrogateescape")

    files, notes = settled({"q2_rows.py": module, "hw5.ipynb": notebook(code(ROWS), code(TOTAL))}, assignment)

    assert files["q2_rows.py"] == module
    assert b"return 3" in files["q1_sums.py"]
    assert notes == [
        "The modules themselves were graded, not the cells of hw5.ipynb, because they are filled in: q2_rows.py.",
        "From the notebook hw5.ipynb these were graded: q1_sums.py.",
    ]


def test_a_notebook_named_for_a_question_comes_first(assignment: Assignment) -> None:
    """Its cells are that question's, and another notebook's cells for it are left aside and named."""
    own, other = notebook(code("def helper(): pass"), code(ROWS)), notebook(code("def rows():\n    return 0"))

    files, notes = settled({"a.ipynb": other, "q2.ipynb": own}, assignment)

    assert b"helper" in files["q2_rows.py"]
    assert b"return 8" in files["q2_rows.py"]
    assert notes == [
        "From the notebook q2.ipynb these were graded: q2_rows.py.",
        "The cells of a.ipynb for q2_rows.py were left aside, because another notebook has cells for the same.",
    ]


def test_notes_of_an_unused_notebook_are_kept_only_if_it_gave_nothing(assignment: Assignment) -> None:
    """Why a notebook's functions were not graded is said; what was dropped from cells that lost is not."""
    _, notes = settled({"hw5.ipynb": notebook(code("def mine(): pass"))}, assignment)
    assert notes == ["No cell of hw5.ipynb belongs to a question: tag each cell with its question, q2 for example."]

    _, notes = settled({"q2_rows.py": b"x = 1", "hw5.ipynb": notebook(code(ROWS + "print(1)"))}, assignment)
    assert len(notes) == 1


def test_a_broken_notebook_beside_modules_costs_nothing(assignment: Assignment) -> None:
    """Where something else can be graded the notebook's fault is a note."""
    files, notes = settled({"q2_rows.py": ROWS.encode(), "hw5.ipynb": b"no"}, assignment)

    assert files["q2_rows.py"] == ROWS.encode()
    assert notes == ["hw5.ipynb cannot be read as a notebook: save it again in Jupyter and hand in again."]


def test_a_broken_notebook_by_itself_is_an_archive_error(assignment: Assignment) -> None:
    """Where nothing else was handed in the student learns that the notebook could not be read."""
    with pytest.raises(ArchiveError, match=r"hw5\.ipynb cannot be read as a notebook"):
        settled({"hw5.ipynb": b"no", "q2_rows.py": STUBS["q2_rows"].encode()}, assignment)


def test_a_missing_stub_is_the_courses_fault(assignment: Assignment) -> None:
    """Without the stub nobody can say whether a module was filled in; the author is told what to run."""
    assignment.questions[0].stub.unlink()

    with pytest.raises(CourseError, match=r"q1_sums\.py is missing: run `grader sync`"):
        settled({"hw5.ipynb": notebook(code(ROWS))}, assignment)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "source", "metadata", "cell_type", "tags", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)
SOURCES = st.text(max_size=20) | st.lists(st.text(max_size=9), max_size=3)
TAGGED = st.fixed_dictionaries({}, optional={"tags": st.lists(st.text(max_size=4), max_size=2) | JSON})
GOOD_CELL = st.builds(lambda source, metadata: code(source, metadata=metadata), SOURCES, TAGGED)
ODD_CELL = st.fixed_dictionaries({}, optional={"cell_type": st.just("code") | JSON, "source": JSON, "metadata": JSON})
BOOK = {
    "nbformat": st.just(4),
    "nbformat_minor": st.integers(0, 6),
    "metadata": st.just({}),
    "cells": st.lists(GOOD_CELL),
}
ODD = dict.fromkeys((*BOOK, "worksheets"), JSON) | {
    "cells": st.lists(GOOD_CELL | ODD_CELL),
    "nbformat": st.integers(0, 5),
}


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(BOOK), st.fixed_dictionaries({}, optional=ODD))
def test_any_json_is_cells_or_an_archive_error(book: dict[str, Any], odd: dict[str, Any]) -> None:
    """Nothing that is shaped like a notebook makes the reader fail in another way."""
    try:
        cells = read_cells(json.dumps(book | odd), "x.ipynb")
    except ArchiveError:
        assert odd
        return
    assert all(isinstance(cell.source, str) and all(isinstance(tag, str) for tag in cell.tags) for cell in cells)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_cells_or_an_archive_error(text: str) -> None:
    """Text that is no JSON is refused."""
    with pytest.raises(ArchiveError):
        read_cells("x" + text, "x.ipynb")
