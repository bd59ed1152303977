"""The pages in a real browser: what a student wrote never runs, and the report's tables sort.

Runs where a Chromium is on PATH; without one, the same law is held on the parsed page in test_feedback and test_report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright

from grader.feedback import feedback_page
from grader.marking import marking_page
from grader.marks import Mark, Marks
from grader.report import report_page
from tests.chromium import CHROMIUM, QUIET, needs_chromium
from tests.pages.parsed import source_hash
from tests.pages.sample import QUESTIONS, a_check, a_run, a_sheet, an_assignment, marksheets, measured

ATTACKS = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202e\x1b[2J\u2066"
PAPER = 1032  # CSS pixels: 297 mm less the margins of report.css, at 96 an inch
pytestmark = needs_chromium


@contextmanager
def laid_out(page: str, folder: Path, width: int, medium: Literal["screen", "print"]) -> Iterator[Page]:
    """The page as it is laid out at this width, in CSS pixels."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    with sync_playwright() as programs:
        chromium = programs.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        try:
            shown = chromium.new_page(viewport={"width": width, "height": 700})
            shown.emulate_media(media=medium)
            shown.goto((folder / "page.html").as_uri())
            yield shown
        finally:
            chromium.close()


def title(page: str, folder: Path) -> str:
    """The page's title after everything on it has loaded and run."""
    with laid_out(page, folder, PAPER, "screen") as shown:
        return shown.title()


def hostile_pages() -> dict[str, str]:
    """Each page with attacks in the name, a message and a note."""
    check = a_check("t", "q1a", 2.0, "crashed", message=(ATTACKS, ATTACKS))
    sheet, assignment = a_sheet(ATTACKS, {"q1_learning_rates": [check]}), an_assignment()
    run = a_run(ATTACKS, notes=[{"en": ATTACKS, "fa": ATTACKS}], checks={"q1_learning_rates::t": {"detail": ATTACKS}})
    return {
        "feedback": feedback_page(sheet, run, assignment, lang="en"),
        "feedback-fa": feedback_page(sheet, run, assignment, lang="fa"),
        "report": report_page(marksheets([sheet], [run]), assignment),
        "report-fa": report_page(marksheets([sheet], [run]), assignment, lang="fa"),
    }


def test_the_attack_would_be_seen(tmp_path: Path) -> None:
    """The control: on a page without escaping and policy the attack runs, so that its absence means something."""
    assert title(f"<title>page</title>{ATTACKS}", tmp_path) == "owned"


@pytest.mark.parametrize("name", ["feedback", "feedback-fa", "report", "report-fa"])
def test_no_script_of_a_student_runs(name: str, tmp_path: Path) -> None:
    """Neither as text nor, were the escaping lost, past the content policy does anything of a student's run."""
    page = hostile_pages()[name]

    assert title(page, tmp_path) != "owned"
    assert title(page.replace("</body>", ATTACKS + "</body>"), tmp_path) != "owned"


@pytest.mark.parametrize("name", ["feedback", "feedback-fa", "report", "report-fa"])
def test_no_character_hides_or_turns_a_line(name: str, tmp_path: Path) -> None:
    """Overrides of direction and terminal controls stand in the browser's page as names, and not as themselves."""
    with laid_out(hostile_pages()[name], tmp_path, PAPER, "screen") as page:
        dom = page.content()

    assert not {"\u202e", "\u2066", "\x1b"} & set(dom)
    assert {"⟦U+202E⟧", "⟦U+2066⟧", "⟦U+001B⟧"} <= set(re.findall("⟦.*?⟧", dom))


def full_report(lang: str) -> str:
    """Long names, a training that is right on every row, and incidents that are folded up."""
    name = "test_" + "the_accuracy_on_unseen_rows_" * 4
    told = {question: (f"{question} stopped.", f"{question} از کار افتاد.") for question in QUESTIONS}
    sheet = a_sheet(
        "a-student-with-a-long-name@university.example.org",
        {question: [a_check(name, "q1a", 2.0, "crashed", message=message)] for question, message in told.items()},
    )
    training = {"part": "q1a", "seed": 1, "accuracies": [measured(1.0, 100, bar=0.8)]}
    checks = {f"{question}::{name}": {"seconds": 1.5} for question in QUESTIONS}
    run = a_run(sheet["student"], checks=checks, trainings=[training])
    return report_page(marksheets([sheet], [run]), an_assignment(), lang=lang)


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_printed_report_has_all_that_is_on_the_page(lang: str, tmp_path: Path) -> None:
    """On A4 no table loses a column and nothing stays folded up: paper cannot be scrolled or clicked."""
    with laid_out(full_report(lang), tmp_path, PAPER, "print") as page:
        tables = page.locator(".scroll").evaluate_all("all => all.map((one) => one.scrollWidth - one.clientWidth)")
        whole = page.evaluate("document.documentElement.scrollWidth")
        folded = page.locator("details .who").evaluate_all("all => all.map((one) => one.checkVisibility())")

    assert max(tables) == 0
    assert whole <= PAPER
    assert set(folded) == {True}


def crowded_report(lang: str) -> str:
    """A student with a long id, late, with essays read and a mark in each of seven questions: every column is there."""
    questions = {question: [a_check("t", "q1a", 12.5, earned=12.25)] for question in QUESTIONS}
    sheet = {**a_sheet("maximilian.mustermann", questions), "submitted_at": "2026-10-01T09:30:00+03:30"}
    sheet["questions"] += [{**sheet["questions"][0], "id": f"q{number}_more"} for number in (3, 4, 5)]
    marks = {sheet["student"]: Marks({"q1a.essay": Mark(Fraction(3, 2))}, penalty=Fraction(1, 2))}
    run = a_run(sheet["student"], seconds=1234.5)
    return report_page(marksheets([sheet], [run]), an_assignment(), marks, lang=lang)


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_laptop_shows_every_column_of_the_students(lang: str, tmp_path: Path) -> None:
    """With seven questions, essays and lateness, no table has to be scrolled sideways at 1280 pixels."""
    with laid_out(crowded_report(lang), tmp_path, 1280, "screen") as page:
        tables = page.locator(".scroll").evaluate_all("all => all.map((one) => one.scrollWidth - one.clientWidth)")
        columns = page.locator("[aria-labelledby=students] thead th").count()

    assert columns == 16
    assert max(tables) == 0


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_telephone_shows_a_whole_chart_with_words_that_can_be_read(lang: str, tmp_path: Path) -> None:
    """It is no wider than the screen, and its words are not made much smaller for that."""
    with laid_out(full_report(lang), tmp_path, 360, "screen") as page:
        charts = page.locator(".chart").evaluate_all(
            "all => all.map((one) => [one.getBoundingClientRect().width, one.viewBox.baseVal.width])"
        )

    assert len(charts) == 2
    assert all(0.85 * drawn < shown < 360 for shown, drawn in charts)


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_telephone_shows_what_students_were_told(lang: str, tmp_path: Path) -> None:
    """Of the commonest mistakes and of each incident that is folded up, without a movement of the finger."""
    checks = [
        a_check(
            f"t{outcome}", "q1a", 2.0, outcome, message=("It is turned by half a turn. " * 3, "نیم‌دور چرخیده است. " * 3)
        )
        for outcome in ("failed", "crashed")
    ]
    sheet = a_sheet("s0", {"q1_learning_rates": checks})
    with laid_out(report_page(marksheets([sheet]), an_assignment(), lang=lang), tmp_path, 390, "screen") as page:
        told = page.locator("td.told, .gist").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.right, box.width])"
        )

    assert len(told) == 2
    assert all(left >= 0 and right <= 390 and width > 300 for left, right, width in told)


def test_a_persian_marking_sheet_counts_in_persian_digits(tmp_path: Path) -> None:
    """Also how many answers are marked, which the page itself counts."""
    assignment = an_assignment()
    sheet = marking_page(assignment, assignment.essays[0], {"s0": "One.", "s1": "Two."}, {}, {}, lang="fa")
    with laid_out(sheet, tmp_path, 390, "screen") as page:
        progress = page.locator("#status").text_content()

    assert progress == "۰ / ۲"


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_telephone_breaks_no_word_of_a_training(lang: str, tmp_path: Path) -> None:
    """Headings and the seed stand whole: 44252 in two lines would be two numbers."""
    accuracies = [{"accuracy": 0.9982, "bar": 0.9, "rows": rows, "trained_on": rows == 5000} for rows in (5000, 2000)]
    run = a_run(
        "s0", trainings=[{"part": "q1a", "seed": 44252, "seconds": 206.5, "device": "cpu", "accuracies": accuracies}]
    )
    sheet = a_sheet("s0", {"q1_learning_rates": [a_check("t", "q1a", 2.0, "passed", 2.0)]})
    with laid_out(feedback_page(sheet, run, an_assignment(), lang=lang), tmp_path, 390, "screen") as page:
        wide = page.locator(".trainings").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
        lines = page.locator(".runs tbody td:not(.whole)").first.evaluate(
            """cell => {
                const text = document.createRange();
                text.selectNodeContents(cell);
                return text.getClientRects().length;
            }"""
        )

    assert max(wide) <= 390
    assert lines == 1


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_tables_sort_by_keyboard_and_pointer(lang: str, tmp_path: Path) -> None:
    """A press on a heading sorts numbers from the largest, a second one turns them round; the heading says which."""
    scores = {"a": 9.5, "b": 10.0, "c": 2.25}
    sheets = [
        a_sheet(name, {"q1_learning_rates": [a_check("t", "q1a", 10.0, "partial", score)]})
        for name, score in scores.items()
    ]
    driver = """
      const table = document.querySelector("#students").parentElement.querySelector("table");
      const button = table.querySelectorAll("thead button")[1];
      const order = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent).join("");
      const sorted = () => button.parentElement.getAttribute("aria-sort");
      button.click(); const first = order() + sorted();
      button.click(); document.title = `${first} ${order()}${sorted()} ${button.tagName}`;
    """
    page = report_page(marksheets(sheets), an_assignment(), lang=lang)
    page = page.replace("script-src ", f"script-src {source_hash(driver)} ")

    page = page.replace("</body>", f"<script>{driver}</script></body>")

    assert title(page, tmp_path) == "bacdescending cabascending BUTTON"
