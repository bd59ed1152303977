"""The report card: an assignment's notebook, in which nbgrader keeps a grade for each part and students write essays.

Machine-graded parts have locked cells that hold nothing to run, because their marks come from marksheets; essays have
cells that a person marks. A bonus part is worth 0 points there, so that nbgrader's sum stays what the assignment asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grader.course import Assignment, Essay, Question
from grader.errors import CourseError
from grader.labels import part_label
from grader.pages.markdown import left_to_right
from grader.pages.text import number
from grader.phrases import said
from grader.store import as_bytes

if TYPE_CHECKING:
    from nbformat import NotebookNode

UNANSWERED = "YOUR ANSWER HERE"  # what nbgrader's ClearSolutions writes into every essay cell, whatever stood there

# Whoever lets nbgrader run these cells instead of configure(c) would give full marks for nothing: they refuse then.
GRADE_CELL = """\
# {label} {part}: {title} ({points})
import os

assert os.environ.get("NBGRADER_EXECUTION") != "autograde", (
    "configure(c) is missing in nbgrader_config.py"
)
"""
# The kernel's own Python, in a fresh process: a module that was changed is read again. To notebooks.py it says nothing.
EXAMPLES_CELL = """\
# {says}
!"{{__import__('sys').executable}}" -m doctest {question}.py"""


def grade_id(part: str) -> str:
    """The part's name for nbgrader, which takes letters, digits, - and _ alone.

    >>> grade_id("q2.dF")
    'q2-dF'
    """
    return part.replace(".", "-")


def parts_by_grade_id(assignment: Assignment) -> dict[str, str]:
    """The inverse of `grade_id` over one assignment, in its order; CourseError where two parts would share a name."""
    parts: dict[str, str] = {}
    for part in _parts(assignment):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", grade_id(part)):
            raise CourseError(f"{assignment.id}: part {part} has characters that nbgrader takes in no cell's name.")
        if (other := parts.setdefault(grade_id(part), part)) != part:
            raise CourseError(f"{assignment.id}: nbgrader cannot tell {part} from {other}; rename one of them.")
    return parts


def report_card(assignment: Assignment, worth: Mapping[str, Fraction], lang: str = "en") -> NotebookNode:
    """The notebook `<assignment>.ipynb`, the same bytes at every call; `worth` is the points by part, essays included.

    For each question its title with a link to the module, a cell that runs the module's examples with nothing but
    Python, a locked grade cell for each part, and for each essay the prompt, what is judged, and a cell to write in.
    Raises CourseError where two parts would share a cell.
    """
    parts_by_grade_id(assignment)
    cells = [markdown("title", _title(assignment, lang), lang)]
    for question in assignment.questions:
        cells.append(markdown(question.id, _heading(question, lang), lang))
        examples = EXAMPLES_CELL.format(says=said("card.examples", lang), question=question.id)
        cells.append(code(f"{question.id}-examples", examples, {"tags": [question.id]}))
        for part, title in question.parts.items():
            bonus = part in assignment.bonus
            points = _points(worth[part], bonus, lang)
            named = {"part": part, "label": part_label(part, lang), "title": title.in_language(lang)}
            source = GRADE_CELL.format(**named, points=points)
            cells.append(code(grade_id(part), source, _named(part, "code", worth[part], bonus=bonus)))
        for essay in assignment.essays:
            if essay.question == question.id:
                cells += _essay(essay, lang)
    return notebook(cells)


def notebook(cells: list[dict[str, Any]]) -> NotebookNode:
    """Cells as a notebook of format 4 that runs with Python."""
    import nbformat

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    made: NotebookNode = nbformat.from_dict(book)  # type: ignore[no-untyped-call]
    return made


def as_text(card: NotebookNode) -> str:
    """The notebook as the JSON that Jupyter writes."""
    import nbformat

    return str(nbformat.writes(card)) + "\n"  # type: ignore[no-untyped-call]


def essay_cells(card: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The essay cells of a report card with their grade ids."""
    for cell in card["cells"]:
        named = cell["metadata"].get("nbgrader")
        if isinstance(named, dict) and named.get("grade") and named.get("solution"):
            yield str(named.get("grade_id")), cell


def output(html: str, plain: str) -> NotebookNode:
    """What a cell shows: HTML, and the same as plain text for who cannot show HTML."""
    from nbformat import v4

    shown: NotebookNode = v4.new_output(  # type: ignore[no-untyped-call]
        "display_data", {"text/html": html, "text/plain": plain}
    )
    return shown


def answers(notebooks: Mapping[str, str]) -> dict[str, dict[str, str] | None]:
    """What stands in the essay cells of those notebooks, given by name, that are report cards; None if unreadable.

    By grade id; an untouched cell is left out.
    """
    found: dict[str, dict[str, str] | None] = {}
    for name, text in notebooks.items():
        try:
            card = _report_card(text)
        except ValueError:
            found[name] = None
            continue
        if card:
            found[name] = {part: answer for part, cell in essay_cells(card) if (answer := written(cell))}
    return found


def fill(request: Mapping[str, Any]) -> dict[str, Any]:
    """A hand-in's report card with its essays. Where the student's notebook is read, it runs apart: that is their JSON.

    `card` is ours, `theirs` the text of the notebook of its name, None if none was handed in; `answers` are essays by
    grade id, for cells that nobody wrote in. Answers `theirs`: is the student's notebook a report card, so that it
    stays; `card`: the text to write; `kept`: cells that hold another answer already.
    """
    ours, theirs = json.loads(request["card"]), None
    with suppress(ValueError):
        theirs = _report_card(request["theirs"] or "")
    book = theirs or ours
    there = {name for name, _ in essay_cells(book)}
    lost = [cell for name, cell in essay_cells(ours) if name not in there]
    book["cells"] += lost
    kept, changed = [], bool(lost) or book.get("nbformat") != 4
    for name, cell in essay_cells(book):
        answer, there_already = request["answers"].get(name), written(cell)
        if answer and not there_already:
            cell["source"], changed = answer, True
        elif answer and there_already != answer:
            kept.append(name)
    whole = {"nbformat_minor": 5, **book, "nbformat": 4}  # as what has its cells at the top is; nbgrader looks here
    text = request["theirs"] if theirs and not changed else as_bytes(whole).decode()
    return {"card": text, "theirs": theirs is not None, "kept": kept}


def _report_card(text: str) -> dict[str, Any] | None:
    """The notebook if it has a cell for a grade that nbgrader knows, else None; ValueError for what is no notebook."""
    try:
        book: dict[str, Any] = json.loads(text)
        cells = [(cell["metadata"].get("nbgrader"), written(cell)) for cell in book["cells"]]
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError("no notebook") from fault
    return book if any(isinstance(named, dict) and named.get("grade") for named, _ in cells) else None


def written(cell: Mapping[str, Any]) -> str:
    """What a person wrote into a cell, which Jupyter saves as a list of lines; "" for an untouched one."""
    text = "".join(cell["source"]).strip()
    return "" if text == UNANSWERED else text


def _parts(assignment: Assignment) -> Iterator[str]:
    for question in assignment.questions:
        yield from question.parts
        yield from (essay.part for essay in assignment.essays if essay.question == question.id)


def _title(assignment: Assignment, lang: str) -> str:
    page = "README.fa.md" if lang == "fa" and assignment.title.fa else "README.md"
    return f"# {assignment.title.in_language(lang)}\n\n{said('card.how', lang, page=page)}"


def _heading(question: Question, lang: str) -> str:
    return f"## {question.title.in_language(lang)}\n\n{said('card.module', lang, module=question.file)}"


def _essay(essay: Essay, lang: str) -> list[dict[str, Any]]:
    """Two cells, since ClearSolutions empties the one that students write in: prompt and what is judged, and that."""
    lines = [
        f"### {part_label(essay.part, lang)} {essay.title.in_language(lang)} (`{essay.part}`)",
        f"{essay.prompt.in_language(lang).strip()} ({_points(essay.points, essay.bonus, lang)})",
        "\n".join(f"* {number(line.points, lang)}: {line.judged.in_language(lang)}" for line in essay.rubric),
        said("card.essay", lang, unanswered=UNANSWERED),
    ]
    prompt = f"{essay.part}-prompt"
    named = _named(essay.part, "markdown", essay.points, bonus=essay.bonus, solution=True)
    return [
        markdown(prompt, "\n\n".join(lines), lang, _named(prompt, "markdown")),
        markdown(essay.part, UNANSWERED, "en", named),
    ]


def _points(points: Fraction, bonus: bool, lang: str) -> str:
    worth = said("card.point" if points == 1 else "card.points", lang, points=number(points, lang))
    return said("card.bonus", lang, points=worth) if bonus else worth


def markdown(name: str, source: str, lang: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A cell of text, from right to left in Persian."""
    text = f'<div dir="rtl">\n\n{left_to_right(source)}\n\n</div>' if lang == "fa" else source
    return {"cell_type": "markdown", "id": _cell_id(name), "metadata": metadata or {}, "source": text}


def code(name: str, source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A cell of Python that has not been run."""
    cell = {"cell_type": "code", "id": _cell_id(name), "metadata": metadata, "source": source.rstrip()}
    return {**cell, "execution_count": None, "outputs": []}


def _cell_id(name: str) -> str:
    """Jupyter takes 64 characters at most; what tells names apart is at their ends."""
    return grade_id(name)[-64:]


def _named(
    part: str, kind: str, points: Fraction | None = None, *, bonus: bool = False, solution: bool = False
) -> dict[str, Any]:
    """nbgrader's metadata: with points a grade cell, which is worth 0 where it is a bonus; without, a read-only one."""
    named: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id(part),
        "cell_type": kind,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    if points is not None:
        named["points"] = 0.0 if bonus else float(points)
    return {"nbgrader": named}
