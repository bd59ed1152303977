"""Essays are found however they were handed in; where none is found in what was written, a person reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring.handout import essays
from grader.course import find_course
from grader.essays import LONGEST, MOST, answers_in, essay_answers, essays_in
from grader.report_card import UNANSWERED
from tests.sample_course import ROOT, SAMPLE, lay, sample

REAL = find_course(ROOT)
RELEASED = (SAMPLE / "exercises" / "hw1" / "essays.md").read_text(encoding="utf-8")
ANSWERED = RELEASED.replace("\nAnswer:", "\nAnswer:\n\nضرب خارجی.")
HEADING = "## q2e, 2(e): Why products"


def test_essays_are_found_in_the_page() -> None:
    """What stands below `Answer:`, up to the next essay's heading: headings of the student's own belong to it."""
    assignment = REAL.assignment("hw4")
    page = essays(assignment)
    first, second = page.split("Answer:\n")[:2]

    written = f"{first}Answer: SGD.\n\n## Why: because\n\nnoise\n{second}Answer:\n\n"

    assert essay_answers(page, assignment) == {}
    assert essay_answers(written, assignment) == {"q1.essay": "SGD.\n\n## Why: because\n\nnoise"}
    assert essay_answers(written.replace("\n", "\r\n"), assignment) == essay_answers(written, assignment)


def test_an_essay_without_its_answer_line_is_not_lost() -> None:
    """Who deleted the line `Answer:` is still read, with the prompt above."""
    assignment = REAL.assignment("hw4")
    page = essays(assignment).replace("\nAnswer:", "\n", 1)

    found = essay_answers(page, assignment)

    assert list(found) == ["q1.essay"]
    assert found["q1.essay"].startswith("Many people use Adam for everything.")


def test_an_assignment_without_essays_has_an_empty_page() -> None:
    """Nothing is found where nothing was asked."""
    _, assignment = sample()

    assert essay_answers("## q2e: Why\n\nAnswer: x", replace(assignment, essays=())) == {}


@pytest.mark.parametrize(
    "name", ["essays.md", "Essays.MD", "essays (1).md", "essays-2.md", "essays.txt", "essay", "a/b/essays.md"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_page_is_found_by_any_name_in_any_encoding(name: str, encoding: str) -> None:
    """Browsers number it, people rename it, Notepad saves it as UTF-16."""
    files = {name: ANSWERED.replace("\n", "\r\n").encode(encoding), "essay_helpers.py": b"x = 1", "hw1.ipynb": b"{}"}

    assert essays_in(files, sample()[1]) == {"q2e": "ضرب خارجی."}


def test_a_page_in_windows_arabic_is_read() -> None:
    """Windows writes the Arabic ye there, and a question mark for what cp1256 has no letter for; the answer is read."""
    page = ANSWERED.replace("ی", "\u064a").encode("cp1256", "replace")

    assert essays_in({"essays.md": page}, sample()[1]) == {"q2e": "ضرب خارج\u064a."}


@pytest.mark.parametrize(
    "heading",
    [
        "# q2e: Why",
        "## q2e: Why products",
        "### q2e: Why products",
        "##  Q2E: Why products",
        "## q2e Why products",
        "##q2e",
        " ## q2e. Why",
    ],
)
def test_a_heading_may_have_changed_a_little(heading: str) -> None:
    """Its level, its colon and its title do not matter; the part does."""
    assert essay_answers(ANSWERED.replace(HEADING, heading), sample()[1]) == {"q2e": "ضرب خارجی."}


@pytest.mark.parametrize(
    "page",
    [
        "An outer product.",
        RELEASED.replace("# Rows", "An outer product.\n\n# Rows"),
        RELEASED.replace("Two sentences.", "Two sentences. An outer product."),
        ANSWERED.replace(HEADING, ""),
        ANSWERED.replace(HEADING, "## q2: Why products"),
    ],
    ids=["no form", "on top", "above the line", "no heading", "another heading"],
)
def test_what_is_found_under_no_heading_is_for_a_person(page: str) -> None:
    """The marker reads what there is, as it is; nobody gets zero for where they wrote."""
    (answer,) = essay_answers(page, sample()[1]).values()

    assert "An outer product." in answer or "ضرب خارجی." in answer


@pytest.mark.parametrize(
    "changed", ["", "\r\n", "  \n", "\n\n"], ids=["as it was", "line ends", "blanks", "empty lines"]
)
def test_a_page_that_nobody_wrote_in_answers_nothing(changed: str) -> None:
    """An editor's line ends and blanks are no answer."""
    page = RELEASED.replace("\n", changed or "\n")

    assert essays_in({"essays.md": page.encode(), "old/essays.md": b" \n"}, sample()[1]) == {}


def test_a_page_released_before_its_prompts_changed_answers_nothing(course_folder: Path) -> None:
    """Lines of the release are ours, whatever the course asks by now; every line beside them is the student's."""
    assignment = find_course(course_folder).assignment("hw1")
    older = RELEASED.replace("Two sentences.", "Three sentences.").replace("What follows", "The end")
    source = course_folder / "nbgrader" / "source" / "hw1"
    before = essay_answers(older, assignment)
    lay(source, {"essays.md": older.encode()})

    assert "Three sentences." in before["q2e"]
    assert essay_answers(older, assignment) == essay_answers(RELEASED, assignment) == {}
    assert essay_answers(older.replace("\nAnswer:", "\nAnswer: Three sentences."), assignment) == {
        "q2e": "Three sentences."
    }
    assert "Rank one." in essay_answers(older.replace("Three", "Rank one. Three"), assignment)["q2e"]
    assert essay_answers(older.replace("\nAnswer:", "\nRank one.\n\nAnswer:"), assignment)["q2e"].count("Rank") == 1


def test_one_essay_without_its_heading_does_not_take_the_others_answer() -> None:
    """The one that is answered keeps its own words; the one whose heading is gone waits with the page."""
    assignment = REAL.assignment("hw4")
    first, second = (essay.part for essay in assignment.essays[:2])
    page = essays(assignment).replace("\nAnswer:", "\nAnswer: SGD.", 1).replace(f"## {second},", "Next:")

    found = essay_answers(page, assignment)

    assert found[first].startswith("SGD.")
    assert found[second] == page.strip()


def test_a_file_that_is_no_text_is_named_to_the_marker() -> None:
    """An essay in a PDF is read by a person, and a page of two names is read whole."""
    files = {"my essays.pdf": b"%PDF", "essays.md": ANSWERED.encode()}

    assert essays_in(files, sample()[1]) == {
        "q2e": "ضرب خارجی.\n\nHanded in as the file my essays.pdf: open it to read the essays."
    }


TOLD = (
    "\n\nThe answer goes on: open the file {name} to read the rest."
    "\nپاسخ ادامه دارد: برای خواندن بقیهٔ آن پروندهٔ {name} را باز کنید."
)


@pytest.mark.parametrize("name", ["essays.md", "hw1.ipynb", "hw1 (1).ipynb"])
def test_an_answer_too_long_for_a_page_says_where_it_goes_on(name: str) -> None:
    """A sheet of all answers has to open in a browser; read again from where collect put it, it is the same."""
    told, words = TOLD.format(name=name), "word " * MOST
    files = {name: card(words) if name.endswith(".ipynb") else ANSWERED.replace("ضرب خارجی.", words).encode()}

    found = answers_in(files, sample()[1])["q2e"]

    assert found == words[: MOST - len(told)] + told
    assert answers_in({"hw1 (1).ipynb": card(found)}, sample()[1]) == {"q2e": found}


def test_several_long_answers_are_cut_together() -> None:
    """A thousand pages make no longer an answer than one."""
    half = "a" * (MOST - 1)
    files = {name: ANSWERED.replace("ضرب خارجی.", half + name[5]).encode() for name in ("essay1.md", "essay2.md")}

    found = essays_in(files, sample()[1])["q2e"]

    assert len(found) == MOST
    assert found.endswith(TOLD.format(name="essay2.md"))


def test_a_page_of_megabytes_is_named_to_the_marker() -> None:
    """An archive of a few kilobytes may hold it: it is opened by a person, and takes nobody minutes."""
    page = f"{ANSWERED}{HEADING}\nAnswer: x\n" * (LONGEST // len(ANSWERED))

    assert essays_in({"essays.md": page.encode()}, sample()[1]) == {
        "q2e": "Handed in as the file essays.md: open it to read the essays."
    }


def test_an_essay_may_be_in_any_document() -> None:
    """A PDF of whatever name is opened by a person before anybody gets zero; who answered elsewhere has answered."""
    files = {"hw1-solution.PDF": b"%PDF", "q1_rows.py": b"", "essays.md": RELEASED.encode()}

    assert essays_in(files, sample()[1]) == {
        "q2e": "Handed in as the file hw1-solution.PDF: open it to read the essays."
    }
    assert essays_in({**files, "essays.md": ANSWERED.encode()}, sample()[1]) == {"q2e": "ضرب خارجی."}


def card(answer: str) -> bytes:
    """The report card as Jupyter saves it: a cell's text is a list of its lines."""
    named = {"grade": True, "solution": True, "grade_id": "q2e"}
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": named}, "source": answer.splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.mark.parametrize(
    "name", ["hw1 (1).ipynb", "HW1.ipynb", "Copy of hw1.ipynb", "report/hw1.ipynb", "my essay.ipynb"]
)
def test_a_report_card_under_another_name_is_read(name: str) -> None:
    """Browsers number it, people rename it; what is written in its cells is an answer, an untouched cell is none."""
    files = {"q1_rows.py": b"", "essays.md": RELEASED.encode(), "own.ipynb": b'{"cells": [], "a": "q2e"}'}

    assert essays_in({**files, name: card("Rank\none.")}, sample()[1]) == {"q2e": "Rank\none."}
    assert essays_in({**files, name: card(UNANSWERED)}, sample()[1]) == {}


def test_what_was_written_in_two_places_is_read_in_both() -> None:
    """A copy of the card and the page, each with an answer."""
    found = essays_in({"hw1 (1).ipynb": card("Rank one."), "essays.md": ANSWERED.encode()}, sample()[1])

    assert found == {"q2e": "ضرب خارجی.\n\nRank one."}


@pytest.mark.parametrize("notebook", [b'{"cells": [], "metadata": {"a": "q2e"}}', b'{"cells": [1]}', b"[" * 100_000])
def test_a_notebook_that_is_no_report_card_answers_nothing(notebook: bytes) -> None:
    """It has none of the card's cells, or names none: nothing can be found in it."""
    for name in ("hw1.ipynb", "hw1 (1).ipynb"):
        assert answers_in({name: notebook}, sample()[1]) == {}


UNREADABLE = {
    "cut": card("Rank one.")[:-40],
    "no text": card("x").replace(b'["x"]', b"[1]"),
    "no cell": card("Rank one.").replace(b'"cells": [', b'"cells": [1, '),
    "no metadata": card("Rank one.").replace(b'"cells": [', b'"cells": [{"source": ""}, '),
    "deep": b'["q2e", ' + b"[" * 100_000,
}


@pytest.mark.parametrize("name", ["hw1.ipynb", "hw1 (1).ipynb"])
@pytest.mark.parametrize("notebook", UNREADABLE.values(), ids=UNREADABLE)
def test_a_report_card_that_cannot_be_read_is_named_to_the_marker(name: str, notebook: bytes) -> None:
    """Who could have written in it does not get zero unread; who answered beside it has answered."""
    told = f"Handed in as the file {name}: open it to read the essays."

    assert answers_in({name: notebook}, sample()[1]) == {"q2e": told}
    assert answers_in({"hw1.ipynb": notebook, "essays.md": ANSWERED.encode()}, sample()[1]) == {"q2e": "ضرب خارجی."}


@pytest.mark.parametrize("name", ["hw1.ipynb", "hw1 (1).ipynb"])
@pytest.mark.parametrize(
    "saved",
    [
        card("ضرب خارجی."),
        card("ضرب خارجی.").replace(b'["', b'"').replace(b'"]', b'"'),
        card("ضرب خارجی.").replace(b'"nbformat": 4, ', b""),
        b"\xef\xbb\xbf" + card("ضرب خارجی."),
        card("ضرب خارجی.").decode().encode("utf-16"),
    ],
    ids=["lines", "one text", "without its format", "with a mark", "UTF-16"],
)
def test_a_report_card_is_read_however_it_was_saved(name: str, saved: bytes) -> None:
    """Under its own name and another the same reader reads it."""
    assert answers_in({name: saved}, sample()[1]) == {"q2e": "ضرب خارجی."}


def test_the_report_cards_own_cell_comes_first() -> None:
    """What stands in essays.md counts where nobody wrote in the cell."""
    page = {"essays.md": ANSWERED.encode()}

    assert answers_in({**page, "hw1.ipynb": card("Rank one.")}, sample()[1]) == {"q2e": "Rank one."}
    assert answers_in({**page, "hw1.ipynb": card(UNANSWERED)}, sample()[1]) == {"q2e": "ضرب خارجی."}


def test_a_notebook_over_the_limit_is_named_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON it would take gigabytes of the instructor's memory; nor is it taken for an essay that nobody wrote."""
    monkeypatch.setattr("grader.essays.MOST_BYTES", 2**20)

    assert answers_in({"hw1.ipynb": card("Rank one.") + b" " * 2**20}, sample()[1]) == {
        "q2e": "Handed in as the file hw1.ipynb: open it to read the essays."
    }
