"""Collecting gives every hand-in its report card, with the essays in it, and nothing of theirs gives way to it."""

from __future__ import annotations

import json

import nbformat
import pytest

from grader.collect import collect
from grader.course import Assignment, Course
from grader.essays import answers_in
from grader.notebooks import settle
from grader.submitted import gather
from grader.unpack import unpack
from tests.handed_in import ESSAY, card_of, essay_in, written
from tests.sample_course import lay, solved, stubs
from tests.small_assignment import zipped


def test_modules_alone_get_the_report_card_with_their_essays(course: Course, hw1: Assignment) -> None:
    """Nothing of theirs changes, and nbgrader finds the notebook that it would give zero for the lack of."""
    lay(course.root / "class" / "s1", {**solved(), "essays.md": ESSAY, "plots/a.png": b"png"})

    gathered = gather(course, hw1, course.root / "class")
    files = written(course, "s1")

    assert (gathered.written, gathered.problems) == (["s1"], [])
    assert files.keys() == {*solved(), "essays.md", "plots/a.png", "hw1.ipynb"}
    assert {name: files[name] for name in solved()} == solved()
    assert essay_in(files["hw1.ipynb"]) == ["An outer product."]


def test_an_essay_that_is_not_where_it_should_be_is_on_the_card(course: Course, hw1: Assignment) -> None:
    """A renamed page in another encoding, and words under no heading: what was written waits for a person."""
    lay(course.root / "class" / "s1", {**solved(), "Essays (1).md": ESSAY.decode().encode("utf-16")})
    lay(course.root / "class" / "s2", {**solved(), "essays.md": b"An outer product."})

    gather(course, hw1, course.root / "class")

    assert [essay_in(written(course, s)["hw1.ipynb"]) for s in ("s1", "s2")] == [["An outer product."]] * 2


def test_a_report_card_that_was_handed_in_stays(course: Course, hw1: Assignment) -> None:
    """Byte for byte where it is whole; essays of the page go into cells that nobody wrote in."""
    mine = json.dumps(card_of(hw1, "Mine.")).encode()
    blank = json.dumps(card_of(hw1)).encode()
    lay(course.root / "class" / "wrote", {"hw1.ipynb": mine})
    lay(course.root / "class" / "both", {"hw1.ipynb": mine, "essays.md": ESSAY})
    lay(course.root / "class" / "page", {"hw1.ipynb": blank, "essays.md": ESSAY})

    gathered = gather(course, hw1, course.root / "class")

    assert written(course, "wrote")["hw1.ipynb"] == mine
    assert written(course, "both")["hw1.ipynb"] == mine
    assert essay_in(written(course, "page")["hw1.ipynb"]) == ["An outer product."]
    assert [p.en for p in gathered.problems] == [
        "both: hw1.ipynb and essays.md both answer q2e; the notebook's cell stays, read the page too."
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_report_card_that_was_saved_otherwise_stays_for_nbgrader_to_read(
    course: Course, hw1: Assignment, encoding: str
) -> None:
    """Without the number of its format, or in another encoding, it is still theirs, with their essay in it."""
    book = card_of(hw1, "نوشتهٔ من")
    del book["nbformat"]
    lay(course.root / "class" / "s1", {"hw1.ipynb": json.dumps(book, ensure_ascii=False).encode(encoding)})

    gathered = gather(course, hw1, course.root / "class")
    (path,) = course.root.glob("nbgrader/submitted/s1/hw1/*.ipynb")

    assert not gathered.problems
    assert essay_in(path.read_bytes()) == ["نوشتهٔ من"]
    nbformat.validate(nbformat.read(path, as_version=4))


def test_a_report_card_with_a_cell_that_nobody_can_read_is_kept_for_the_marker(course: Course, hw1: Assignment) -> None:
    """nbgrader gets a whole one, and whoever marks the essay is told which file to open."""
    book = card_of(hw1, "Mine.")
    del book["cells"][0]["source"]
    lay(course.root / "class" / "s1", {"hw1.ipynb": json.dumps(book).encode()})

    gather(course, hw1, course.root / "class")
    files = written(course, "s1")

    assert files["own-hw1.ipynb"] == json.dumps(book).encode()
    assert answers_in(files, hw1) == {"q2e": "Handed in as the file own-hw1.ipynb: open it to read the essays."}


@pytest.mark.parametrize(
    "notebook",
    [
        b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"cells": [{"metadata": {"nbgrader": 3}}], "nbformat": 4}',
        b'{"worksheets": [], "nbformat": 3}',
        b"[" * 100_000,
        b"\xff\xfe no notebook",
    ],
    ids=["own", "odd metadata", "old", "deep", "bytes"],
)
def test_another_notebook_of_its_name_is_kept_beside_it(course: Course, hw1: Assignment, notebook: bytes) -> None:
    """Whatever was handed in as hw1.ipynb: nbgrader gets the report card, the student's file stays and is told."""
    lay(course.root / "class" / "s1", {"hw1.ipynb": notebook, "essays.md": ESSAY})

    gathered = gather(course, hw1, course.root / "class")
    files = written(course, "s1")

    assert files["own-hw1.ipynb"] == notebook
    assert essay_in(files["hw1.ipynb"]) == ["An outer product."]
    assert [p.en for p in gathered.problems] == [
        "s1: hw1.ipynb was not the report card; it is kept as own-hw1.ipynb, and its cells are graded as ever."
    ]


def test_nothing_of_theirs_is_lost_to_a_name_of_ours(course: Course, hw1: Assignment) -> None:
    """A notebook that has to give way takes a name that is free, though they have thought of the first one too."""
    own = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    lay(course.root / "class" / "file", {"hw1.ipynb": own, "own-hw1.ipynb": b"mine"})
    lay(course.root / "class" / "folder", {"hw1.ipynb": own, "own-hw1.ipynb/x.txt": b"mine"})

    gather(course, hw1, course.root / "class")

    for student, name in (("file", "own-hw1.ipynb"), ("folder", "own-hw1.ipynb/x.txt")):
        files = written(course, student)
        assert (files[name], files["own-own-hw1.ipynb"]) == (b"mine", own)


def test_a_folder_in_the_place_of_the_report_card_is_left_out(course: Course, hw1: Assignment) -> None:
    """It is told, the rest of the hand-in is there, and so is everybody else's."""
    lay(course.root / "class", {"bob.zip": zipped({**solved(), "hw1.ipynb/x.txt": b"x"})})
    lay(course.root / "class" / "zoe", solved())

    gathered = gather(course, hw1, course.root / "class")

    assert gathered.written == ["bob", "zoe"]
    assert written(course, "bob").keys() == written(course, "zoe").keys() == {*solved(), "hw1.ipynb"}
    assert [p.en for p in gathered.problems] == ["bob: hw1.ipynb/ was left out: a file of ours has that name."]


def test_a_report_card_that_lost_cells_gets_its_essays_back(course: Course, hw1: Assignment) -> None:
    """A student removed the essay's cell and a lone surrogate stands in another: still theirs, still written."""
    book = card_of(hw1)
    book["cells"] = [{"cell_type": "markdown", "metadata": {}, "source": "\ud800"}, *book["cells"][:-1]]
    lay(course.root / "class" / "s1", {"hw1.ipynb": json.dumps(book).encode(), "essays.md": ESSAY})

    gather(course, hw1, course.root / "class")
    files = written(course, "s1")

    assert "own-hw1.ipynb" not in files
    assert essay_in(files["hw1.ipynb"]) == ["An outer product."]


def test_the_report_card_adds_no_note_and_no_module(course: Course, hw1: Assignment) -> None:
    """Graded with its card, a hand-in of modules is the hand-in of modules; code in a card's cell is an answer."""
    lay(course.root / "class" / "modules", solved())
    book = card_of(hw1)
    (cell,) = [cell for cell in book["cells"] if cell.get("id") == "q1_rows-examples"]
    cell["source"] = [*cell["source"], "\ndef mean(x):\n", "    return 3\n"]
    lay(course.root / "class" / "notebook", {**stubs(), "hw1.ipynb": json.dumps(book).encode()})
    gather(course, hw1, course.root / "class")

    hand_ins, _ = collect(course.root / "nbgrader" / "submitted", hw1)
    modules, notebook = (settle(unpack(hand_in, hw1), hw1) for hand_in in hand_ins)

    assert modules.notes == ()
    assert {name: modules.files[name] for name in solved()} == solved()
    assert b"return 3" in notebook.files["q1_rows.py"]
    assert [note.en for note in notebook.notes] == ["From the notebook hw1.ipynb these were graded: q1_rows.py."]
