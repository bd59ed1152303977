"""Which cells belong to which question, and which of their statements become its module."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cells import Cell, to_sources
from tests.small_assignment import STUBS


def made(*sources: str | tuple[str, ...], owner: str = "") -> tuple[dict[str, str], list[str]]:
    """The modules that cells make, given as source or (source, tag, ...), and the notes' English."""
    pairs = [(source, ()) if isinstance(source, str) else (source[0], source[1:]) for source in sources]
    cells = [Cell(number, tags, source) for number, (source, tags) in enumerate(pairs, 1)]
    modules, notes = to_sources(cells, STUBS, "hw5.ipynb", owner)
    assert all(note.fa for note in notes)
    return modules, [note.en for note in notes]


def run(source: str) -> dict[str, Any]:
    """What a made module defines when it is imported."""
    names: dict[str, Any] = {}
    exec(compile(source, "module", "exec", dont_inherit=True), names)
    return names


@pytest.mark.parametrize(
    "cell",
    [
        ("def helper():\n    return 1", "q1_sums"),
        ("def helper():\n    return 1", "q1"),
        ("def helper():\n    return 1", "slide", "q1"),
        "# q1_sums\ndef helper():\n    return 1",
        "#q1:\ndef helper():\n    return 1",
        "def total():\n    return 1",
        "\n\n# the answer\ndef total():\n    return 1",
    ],
)
def test_a_cell_belongs_to_its_question(cell: str | tuple[str, ...]) -> None:
    """A tag, a first-line comment, or the name that only one stub asks for says whose a cell is."""
    modules, notes = made(cell)

    assert set(modules) == {"q1_sums"}
    assert notes == []


@pytest.mark.parametrize("cell", ["class Table:\n    pass", "MODE = 'x'", "MODE: str = 'x'"])
def test_classes_and_constants_of_a_stub_name_it_too(cell: str) -> None:
    """Every public name of a stub counts, not functions only."""
    assert set(made(cell)[0]) == {"q2_rows"}


def test_a_tag_stands_above_the_comment_and_the_comment_above_the_name() -> None:
    """Of two signs the more deliberate counts."""
    assert set(made(("# q1\ndef total(): pass", "q2"))[0]) == {"q2_rows"}
    assert set(made("# q2\ndef total(): pass")[0]) == {"q2_rows"}


def test_a_cell_with_answers_to_two_questions_belongs_to_both() -> None:
    """One cell may answer everything."""
    assert set(made("def total(): pass\ndef rows(): pass")[0]) == {"q1_sums", "q2_rows"}


def test_a_name_that_two_stubs_ask_for_is_unclear() -> None:
    """Such a cell is nobody's until it is tagged, and the note says so."""
    modules, notes = made("def shared():\n    return 1")

    assert modules == {}
    assert "Cell 1 of hw5.ipynb defines shared, which more than one question asks for" in notes[0]
    assert set(made(("def shared():\n    return 1", "q1"))[0]) == {"q1_sums"}


def test_given_says_nothing_about_the_question() -> None:
    """GIVEN stands in many stubs; a cell with it is everybody's and needs no note."""
    modules, notes = made("GIVEN = {'a': 5}", "def total():\n    return GIVEN['a']")

    assert run(modules["q1_sums"])["total"]() == 5
    assert notes == []


def test_an_owned_notebook_gives_its_cells_to_the_owner() -> None:
    """In a notebook named for a question, cells without another sign are that question's."""
    modules, _ = made("def helper():\n    return 1", "def total():\n    return 2", owner="q2_rows")

    assert set(modules) == {"q1_sums", "q2_rows"}
    assert "helper" in run(modules["q2_rows"])
    assert "helper" not in run(modules["q1_sums"])


def test_nobodys_cells_are_in_every_module_and_others_cells_are_not() -> None:
    """Shared imports and helpers serve all questions; a question's own cells serve it alone."""
    modules, _ = made(
        "import json\ndef helper():\n    return 7",
        ("secret = 1", "q2"),
        "def total():\n    return helper()",
        "def rows(): pass",
    )

    assert run(modules["q1_sums"])["total"]() == 7
    assert "secret" not in run(modules["q1_sums"])
    assert {"secret", "helper", "json", "rows"} <= set(run(modules["q2_rows"]))


def test_the_stub_is_the_ground_and_later_definitions_win() -> None:
    """What a notebook does not define is the stub's, still unwritten; of two definitions the later is graded."""
    module = run(made("def total():\n    return 1", "def total():\n    return 2")[0]["q1_sums"])

    assert module["total"]() == 2
    assert module["GIVEN"] == {"a": 1, "b": 2}
    with pytest.raises(NotImplementedError, match="q1b: not written yet"):
        module["shared"]()


@pytest.mark.parametrize(
    "statement",
    [
        "import math as m",
        "from math import (\n    pi,\n    e,\n)",
        "from math import *",
        "x = 1",
        "x, (y, z) = 1, (2, 3)",
        "x = y = 'text'",
        "x: int = -2**3",
        "x: int",
        "x = [1, {'a': (2.5, None, ...)}, {3}]",
        "x = math.pi",
        "x = GIVEN['x'][0] if True else 1",
        "x = lambda n=1: [print(i) for i in range(n)]",
        "x = 1\nx += 2",
        "async def f(): pass",
        "@staticmethod\ndef f(n: int = 3) -> None:\n    for i in range(n):\n        print(i)",
        "class A(dict):\n    limit = 3\n    def f(self): return print",
    ],
)
def test_imports_definitions_and_simple_assignments_are_kept(statement: str) -> None:
    """What defines something without doing something is kept word for word."""
    modules, notes = made((statement, "q2"))

    assert statement.replace("\n", "").replace(" ", "") in modules["q2_rows"].replace("\n", "").replace(" ", "")
    run(modules["q2_rows"])
    assert notes == []


@pytest.mark.parametrize(
    "statement",
    [
        "rows() + 1",
        "print('x')",
        "x = open('f')",
        "x = [i for i in range(3)]",
        "x = sum(i for i in range(3))",
        "x.y = 1",
        "x[0] = 1",
        "x = (y := 3)",
        "x = f'{rows()}'",
        "x += rows()",
        "for i in range(3): print(i)",
        "while True: pass",
        "if True:\n    y = 1",
        "try:\n    import a\nexcept ImportError:\n    a = None",
        "with open('f') as f: pass",
        "del math",
        "assert False",
        "raise SystemExit",
        "global x",
    ],
)
def test_other_statements_are_dropped_and_named(statement: str) -> None:
    """What does something is left out, and the note quotes its first line with the cell's number."""
    modules, notes = made(("def rows():\n    return 1\n" + statement, "q2"))

    first = statement.split("\n")[0]
    assert first not in modules["q2_rows"]
    assert notes == [
        "Of hw5.ipynb only imports, functions, classes and simple assignments are kept; left out (1): " + f"[1] {first}"
    ]


@pytest.mark.parametrize("statement", ["'''a text'''", "...", "pass", "3", "# a comment", ""])
def test_what_says_nothing_is_dropped_in_silence(statement: str) -> None:
    """Texts, numbers, pass and comments between definitions need no note."""
    assert made((statement + "\ndef rows(): pass", "q2"))[1] == []


def test_many_dropped_statements_make_one_note() -> None:
    """The note counts all of them and quotes five, each cut to a readable length and safe to print."""
    _, notes = made("def rows(): pass", *(f"print({number}, '{'x' * 99}\u202e')" for number in range(9)))

    (note,) = notes
    assert "left out (9)" in note
    assert note.count("[") == 5
    assert note.endswith("; …")
    assert len(note) < 600
    assert "\u202e" not in note


@pytest.mark.parametrize(
    "cells",
    [
        ["data = load()", "size = data.n", "def rows():\n    return 1"],
        ["data = load()", "size = data", "other = size", "def rows():\n    return 1"],
        ["data = load()", "class Net:\n    n = data\n", "def rows():\n    return 1"],
        ["data = load()", "def f(d=data): pass", "def rows():\n    return 1"],
        ["data = load()", "def f(d: data): pass", "def rows():\n    return 1"],
        ["data = load()", "@data\ndef f(): pass", "def rows():\n    return 1"],
        ["data = load()", "f = lambda d=data: d", "def rows():\n    return 1"],
        ["for data in load(): pass", "x = data", "def rows():\n    return 1"],
    ],
)
def test_what_needs_a_dropped_value_at_once_is_dropped_with_it(cells: list[str]) -> None:
    """A kept line that uses what a dropped line gave would break the whole module when it is imported."""
    modules, notes = made(*cells)

    assert run(modules["q2_rows"])["rows"]() == 1
    assert f"left out ({len(cells) - 1})" in notes[0]


def test_a_function_that_needs_a_dropped_value_later_is_kept() -> None:
    """Only the function itself fails, when it is called, not the module."""
    modules, _ = made("data = load()\ndef rows():\n    return data\ndef other():\n    return 1")

    assert run(modules["q2_rows"])["other"]() == 1


def test_a_value_given_again_is_not_lost() -> None:
    """What a dropped line sets and a kept line sets too can be used."""
    modules, _ = made("n = load()\nn = 3\nm = n\ndef rows():\n    return m")

    assert run(modules["q2_rows"])["rows"]() == 3


def test_an_import_that_fails_in_a_shared_cell_hurts_only_its_users() -> None:
    """google.colab stands in many notebooks' first cells and on no grading machine."""
    modules, _ = made("from google.colab import drive\nimport math", "def rows():\n    return math.pi")

    assert run(modules["q2_rows"])["rows"]() > 3


def test_an_import_that_fails_in_an_own_cell_is_told_by_python() -> None:
    """A question's own import is not hidden: its error names the module that is missing."""
    modules, _ = made(("import no_such_module\ndef rows(): pass", "q2"))

    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        run(modules["q2_rows"])


def test_future_imports_come_first() -> None:
    """from __future__ may stand in any cell; in the module it must be the first line."""
    modules, _ = made("from __future__ import annotations\ndef rows(x: Unknown):\n    return x")

    assert run(modules["q2_rows"])["rows"](4) == 4


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\ndef rows():\n    return 8",
        "!pip install torch -q\ndef rows():\n    return 8",
        "?rows\nrows?\nrows??\ndef rows():\n    return 8",
        "files = !ls 'it\nbig = %sql SELECT (\ndef rows():\n    return 8",
        "%%time\ndef rows():\n    return 8",
        "%%capture out\n\ndef rows():\n    return 8",
        "def rows():\n    %time x = 1\n    !ls\n    return 8",
        "if True:\n    !ls\ndef rows():\n    return 8",
        "def rows():\n    return (10\n    % 101\n    - 2)\n%load_ext autoreload",
        '"""\n%not a magic\n!nor this\nnor this?\n"""\n%magic\ndef rows():\n    return 8',
    ],
)
def test_magics_are_dropped_and_python_is_not(source: str) -> None:
    """Lines with %, ! and ? vanish wherever they stand; a modulo or a text that begins like one stays."""
    assert run(made((source, "q2"))[0]["q2_rows"])["rows"]() == 8


def test_a_text_keeps_its_lines_that_look_like_magics() -> None:
    """A docstring is the student's, whatever its lines begin with."""
    modules, _ = made('%magic\ndef rows():\n    """\n    %time\n    why?\n    """\n    return rows.__doc__')

    assert run(modules["q2_rows"])["rows"]().split() == ["%time", "why?"]


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile x.py", "%%javascript"])
def test_a_cell_in_another_language_is_nobodys(magic: str) -> None:
    """Its text is not taken for Python, and it breaks nothing."""
    modules, notes = made("def rows():\n    return 8", (f"{magic}\ndef rows(): return 'no'", "q2"))

    assert run(modules["q2_rows"])["rows"]() == 8
    assert notes == []


@pytest.mark.parametrize(
    "cell", [("def rows(:\n    pass", "q2"), "# q2\nrows = (", "def rows():\nreturn 3", "def rows():\n\0"]
)
def test_a_broken_cell_of_a_question_breaks_that_question_only(cell: str | tuple[str, ...]) -> None:
    """Its text stands in the module, so that the syntax error is found there; a note names the cell and the line."""
    modules, notes = made(cell, "def total():\n    return 1")

    with pytest.raises((SyntaxError, ValueError)):
        run(modules["q2_rows"])
    assert run(modules["q1_sums"])["total"]() == 1
    assert notes[0].startswith("Cell 1 of hw5.ipynb is not Python (")
    assert notes[0].endswith("it stands in q2_rows.py as it is.")


def test_a_broken_cell_of_nobody_is_left_out() -> None:
    """It would break every question; a note names it."""
    modules, notes = made("x = (", "def rows():\n    return 8")

    assert run(modules["q2_rows"])["rows"]() == 8
    assert notes[0].startswith("Cell 1 of hw5.ipynb was left out: it is not Python (")


def test_a_cell_that_is_nested_too_deeply_is_broken_and_survived() -> None:
    """A hundred thousand minus signs are a syntax error of that cell, not of the grader."""
    modules, notes = made("x = " + "-" * 100_000 + "1", "def rows():\n    return 8")

    assert run(modules["q2_rows"])["rows"]() == 8
    assert "not Python" in notes[0]


def test_too_many_magics_are_a_broken_cell() -> None:
    """Each magic costs a parse, so their number has a limit."""
    _, notes = made(("%x\n" * 250 + "def rows(): pass", "q2"))

    assert "not Python (invalid syntax, line 200)" in notes[0]


def test_two_statements_on_a_line_are_told_apart() -> None:
    """Only the one that is kept stands in the module, letters of two bytes or not."""
    modules, _ = made(("s = 'سلام'; print(s); t = 'é'", "q2"))

    module = run(modules["q2_rows"])
    assert (module["s"], module["t"]) == ("سلام", "é")
    assert "print(s)" not in modules["q2_rows"]


def test_cells_without_definitions_need_no_note() -> None:
    """A notebook with essays and plots only says nothing about questions."""
    assert made("import math\nprint(math.pi)", "x = 1") == ({}, [])


def test_definitions_that_belong_to_nobody_are_said() -> None:
    """Functions with names that no stub has, and no tag, are not graded, and the student learns how to tag them."""
    modules, notes = made("def my_rows():\n    return 1")

    assert modules == {}
    assert notes == ["No cell of hw5.ipynb belongs to a question: tag each cell with its question, q2 for example."]


def test_a_question_whose_cells_say_nothing_has_no_module() -> None:
    """A tagged cell with a print in it is no answer: the stub's own module is graded."""
    assert made(("print(3)", "q2"), "")[0] == {}


LINES = st.sampled_from(
    [
        "%magic",
        "!ls",
        "rows?",
        "def rows():",
        "    return 1",
        "x = 1",
        "x = f(",
        ")",
        '"""',
        "# q1",
        "import os",
        "@x",
        "\t",
        "\\",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=8).map("\n".join), max_size=4), st.booleans())
def test_any_cells_are_survived(sources: list[str], tagged: bool) -> None:
    """Whatever is in the cells, there are modules and notes, and what is kept can be written as UTF-8."""
    clean = [source.encode("utf-8", "replace").decode().replace("\r", "\n") for source in sources]
    modules, notes = made(*((source, "q2") if tagged else source for source in clean))

    assert set(modules) <= set(STUBS)
    assert all(source.encode() for source in modules.values())
    assert all(isinstance(note, str) for note in notes)
