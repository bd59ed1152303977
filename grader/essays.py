"""The essays in what a student handed in: in whatever file they are, nothing written is lost.

An essay gets zero without a person only where nobody wrote a word: where a page was written in and no answer is found
under an essay's heading, the page as it is waits for the marker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from grader import report_card
from grader.cells import MOST_BYTES
from grader.course import Assignment
from grader.encodings import decoded
from grader.names import shown
from grader.phrases import phrase
from grader.report_card import grade_id
from grader.sandbox.isolated_call import Lost, isolated_call

ANSWER = re.compile(r"^[ \t]*answer[ \t]*:", re.MULTILINE | re.IGNORECASE)  # in essays.md: below it students write
TEXTS = (".md", ".markdown", ".txt", "")  # suffixes; another file is named to the marker
DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages")  # where essays are, whatever it is called
MOST_NAMED = 10  # documents
MOST = 100_000  # characters of an answer, some thirty pages: a sheet of all answers has to open in a browser
LONGEST = 20 * MOST  # characters of a page that is taken apart, which takes seconds if it is all headings
DEADLINE = 30.0  # seconds for reading a report card, or all copies of one; an honest one takes a fraction of one


def answers_in(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, str]:
    """The essays of a hand-in by part: from the report card's cells, else from beside it; unanswered ones left out."""
    beside = essays_in(files, assignment)
    name = assignment.card_file
    content = files.get(name, b"")
    texts = _may_be_cards({name: content}, assignment)
    is_read = len(content) <= MOST_BYTES  # its JSON takes thirty times its size as objects, and in this process
    cards = report_card.answers(texts) if is_read else dict.fromkeys(texts)
    found = _from_cells(name, cards[name], assignment) if name in cards else {}
    return {**beside, **found} if cards.get(name) else {**found, **beside}


def essays_in(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, str]:
    """The answers in a hand-in's essays.md by part, unanswered ones left out.

    Any file with `essay` in its name may be that page, unless it is a module: browsers and people rename it, and
    Windows saves it otherwise than as UTF-8. A report card under another name is such a page too. Of several those in
    the fewest folders count, together. What is answered nowhere may be answered in any PDF or the like.
    """
    answers = _in_pages(files, assignment)
    if documents := [shown(name) for name in sorted(files) if PurePosixPath(name).suffix.casefold() in DOCUMENTS]:
        return {**_elsewhere(", ".join(documents[:MOST_NAMED]), assignment), **answers}
    return answers


def _in_pages(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, str]:
    beside = {name: files[name] for name in sorted(files) if name != assignment.card_file}
    cards = _read_apart(_may_be_cards(beside, assignment))
    pages = [name for name, text in beside.items() if name in cards or (_is_page(name) and text.strip())]
    for depth in sorted({name.count("/") for name in pages}):
        answers: dict[str, str] = {}
        for name in (page for page in pages if page.count("/") == depth):
            for part, answer in _answers(name, files[name], assignment, cards.get(name)).items():
                if answer not in answers.get(part, ""):
                    answers[part] = cut("\n\n".join(filter(None, (answers.get(part), answer))), name)
        if answers:
            return answers
    return {}


def cut(answer: str, name: str) -> str:
    """The answer or, if it is too long for a page, its beginning and which file to open."""
    if len(answer) <= MOST:
        return answer
    told = phrase("essay.cut", name=shown(name))
    sentence = f"\n\n{told.en}\n{told.fa}"
    return answer[: MOST - len(sentence)] + sentence


def _is_page(name: str) -> bool:
    bare = PurePosixPath(name).name.casefold()
    return "essay" in bare and not bare.endswith(".py")


def _may_be_cards(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, str]:
    """The texts of notebooks that name a cell for one of the essays, as a report card does: enough to look closer."""
    cells = [f'"{grade_id(essay.part)}"' for essay in assignment.essays]
    texts = {name: decoded(content) for name, content in files.items() if name.casefold().endswith(".ipynb")}
    return {name: text for name, text in texts.items() if any(cell in text for cell in cells)}


def _read_apart(texts: dict[str, str]) -> dict[str, dict[str, str] | None]:
    """The answers by grade id in each that is a report card; None where it could not be read."""
    try:
        return dict(isolated_call("grader.report_card:answers", texts, DEADLINE)) if texts else {}
    except Lost:
        return dict.fromkeys(texts)


def _answers(name: str, content: bytes, assignment: Assignment, in_cells: Mapping[str, str] | None) -> dict[str, str]:
    if PurePosixPath(name).suffix.casefold() in TEXTS:
        page = decoded(content)
        return essay_answers(page, assignment) if len(page) <= LONGEST else _elsewhere(shown(name), assignment)
    return _from_cells(name, in_cells, assignment)


def _from_cells(name: str, in_cells: Mapping[str, str] | None, assignment: Assignment) -> dict[str, str]:
    if in_cells is None:
        return _elsewhere(shown(name), assignment)
    names = {essay.part: grade_id(essay.part) for essay in assignment.essays}
    return {part: cut(in_cells[cell], name) for part, cell in names.items() if cell in in_cells}


def _elsewhere(names: str, assignment: Assignment) -> dict[str, str]:
    """What the marker is told in place of an answer that a person has to look for."""
    return dict.fromkeys((essay.part for essay in assignment.essays), phrase("essay.elsewhere", name=names).en)


def essay_answers(page: str, assignment: Assignment) -> dict[str, str]:
    """What a student wrote in essays.md, by part; a part without a word of theirs is left out.

    It stands below the line `Answer:` under the part's heading. Where that line is gone, or they wrote above it, the
    whole section is the answer. Where the heading is gone, or they wrote above all headings, the whole page is the
    answer to what has none.
    """
    if not assignment.essays:
        return {}
    parts = {essay.part.casefold(): essay.part for essay in assignment.essays}
    names = "|".join(re.escape(part) for part in parts.values())
    text = "\n".join(page.splitlines())
    headings = list(re.finditer(rf"^[ \t]*#+[ \t]*({names})(?![\w-]|\.\w)", text, re.MULTILINE | re.IGNORECASE))
    ends = [*(heading.start() for heading in headings), len(text)]
    given = _released(assignment)
    answers: dict[str, str] = {}
    for heading, end in zip(headings, ends[1:], strict=True):
        whole = text[heading.start() : end]
        above, *below = ANSWER.split(whole.partition("\n")[2], maxsplit=1)
        answer = (below[0] if below else above).strip()
        if not answer and _lines(whole) - given:
            answer = whole.strip()
        if answer:
            part = parts[heading[1].casefold()]
            answers[part] = "\n\n".join(filter(None, (answers.get(part), answer)))
    headed = {parts[heading[1].casefold()] for heading in headings}
    for part in parts.values():
        missed = text[: ends[0]] if part in headed else text
        if part not in answers and _lines(missed) - given:
            answers[part] = text.strip()
    return answers


def _lines(text: str) -> set[str]:
    """The lines with something on them, whatever blanks are in them."""
    return {line for line in (" ".join(line.split()) for line in text.splitlines()) if line}


def _released(assignment: Assignment) -> set[str]:
    """The lines of the page that students received: as it is now, and as `grader release` last laid it out."""
    root = assignment.folder.parents[1]
    pages = (root / folder / assignment.id / "essays.md" for folder in ("exercises", "nbgrader/source"))
    return set().union(*(_lines(page.read_text(encoding="utf-8")) for page in pages if page.is_file()))
