"""A homework goes round in JupyterLab, by nbgrader's own buttons: nothing but what people press and see.

A student fetches it from the assignment list, writes in a module, a cell and an essay, and submits. The instructor
collects, autogrades and marks the essay in formgrader, and returns feedback. Then the pages that we make ourselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from grader.exchange import TWO_LINES, nbgrader
from tests.chromium import needs_chromium
from tests.classroom import Classroom
from tests.commandline import typed
from tests.sample_course import copied, lay

pytestmark = needs_chromium
Picture = Callable[[Page, str], None]

TABLE = """\
def table():
    return [[a * b for b in GIVEN["b"]] for a in GIVEN["a"]]


def total():
    return sum(map(sum, table()))
"""
ESSAY = "Each row is the first times a number: an outer product."
HINT = "This is the sum: divide it by how many there are."
COMMENT = "And what is its rank?"


@pytest.fixture
def school(tmp_path: Path) -> Classroom:
    """The sample course, released: beside it the exchange, and a desk where `ada` is about to begin."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    place = f'c.Exchange.root = "{exchange}"\n'
    room = Classroom(copied(tmp_path / "course"))
    lay(room.root, {"nbgrader_config.py": f"{TWO_LINES}\n{place}".encode()})
    of_ada = f'c = get_config()\nc.CourseDirectory.course_id = "sample"\nc.CourseDirectory.student_id = "ada"\n{place}'
    lay(tmp_path / "desk", {"nbgrader_config.py": of_ada.encode()})
    commanded(room, "release", "hw1")
    nbgrader(room.course, "release_assignment", "hw1")
    return room


def test_a_homework_goes_round(
    school: Classroom,
    jupyterlab: Callable[[Path], str],
    browser: BrowserContext,
    picture: Picture,
) -> None:
    """What is seen on the way, and at its end marks by part that are the checks' and the person's, to the point."""
    student, instructor = browser.new_page(), browser.new_page()

    student.goto(jupyterlab(school.root.with_name("desk")))
    fetch(student, picture)
    write(student, picture)
    submit(student, picture)

    assert commanded(school, "collect", "hw1").startswith("1 collected, 0 as before")

    instructor.goto(jupyterlab(school.root))
    formgrader = autograde(instructor, picture)
    mark(instructor, formgrader, picture)
    assert school.grades("ada") == {
        "q1a": (1.0, None, False),  # the sum for the mean: half of it
        "q1b": (2.0, None, False),
        "q1c": (0.0, None, False),  # not written
        "q2a": (3.0, None, False),
        "q2b": (1.0, None, False),  # a bonus
        "q2e": (None, 1.5, False),
    }
    assert school.total("ada") == (8.5, 10.5)

    return_feedback(instructor, formgrader, picture)
    read_feedback(student, picture)
    read_own_pages(browser.new_page(), school, picture)


def commanded(school: Classroom, *words: str) -> str:
    """What a command of ours says in the course's folder."""
    told = typed(*words, folder=school.root)
    assert told.exit_code == 0, told.output
    return told.stdout


def choose(page: Page, entry: str) -> None:
    """An entry of JupyterLab's menu Nbgrader."""
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name=entry).click()


def fetch(page: Page, picture: Picture) -> None:
    """The assignment list shows the release; Fetch brings it."""
    choose(page, "Assignment List")
    released = page.locator("#released_assignments_list .list_item")
    expect(released).to_contain_text("hw1")
    picture(page, "01-released")
    released.get_by_role("button", name="Fetch").click()
    page.locator("#fetched_assignments_list").get_by_role("button", name="hw1").click()
    page.locator("#fetched_assignments_list").get_by_role("link", name="hw1").click()


def write(page: Page, picture: Picture) -> None:
    """q1 in its module, which the report card links, q2 in a new cell, the essay in its own."""
    card, module = page.locator(".jp-Notebook"), page.locator(".jp-FileEditor")
    card.get_by_role("link", name="q1_rows.py").click()
    for part, line in {"q1a": "return np.sum(x)", "q1b": "return X - X.mean(axis=0)"}.items():
        module.locator(".cm-line", has_text=f"{part}: not written yet").click()
        page.keyboard.press("Home")
        page.keyboard.press("Shift+End")
        page.keyboard.insert_text(line)
    picture(page, "02-module")
    save(page)

    page.get_by_role("tab", name="hw1.ipynb").click()
    examples = card.locator(".jp-CodeCell", has_text="doctest q1_rows.py")
    examples.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    printed = examples.locator('[data-mime-type="application/vnd.jupyter.stdout"]')  # beside it Python may warn
    expect(printed).to_contain_text("2 items had failures")
    picture(page, "03-examples")

    card.locator(".jp-CodeCell", has_text="doctest q2_table.py").locator(".cm-content").click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(TABLE)
    expect(card.locator(".jp-CodeCell", has_text="def total")).to_be_visible()
    essay = card.locator(".jp-MarkdownCell").last
    essay.dblclick()
    essay.locator(".cm-content").fill(ESSAY)
    page.keyboard.press("Control+Enter")
    expect(essay.locator(".jp-MarkdownOutput")).to_have_text(ESSAY)
    picture(page, "04-essay")
    save(page)


def save(page: Page) -> None:
    """Control+S, and the file is written."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url):
        page.keyboard.press("Control+s")


def submit(page: Page, picture: Picture) -> None:
    """Validate misses nothing; Submit hands in."""
    page.get_by_role("button", name="Validate").click()
    told = page.get_by_role("dialog")
    expect(told).to_contain_text("Success! Your notebook passes all the tests.")
    told.get_by_role("button", name="Ok").click()
    page.get_by_role("tab", name="Assignments").click()
    page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    expect(page.locator("#submitted_assignments_list .nested_list_item")).to_have_count(1)
    picture(page, "05-submitted")


def autograde(page: Page, picture: Picture) -> FrameLocator:
    """Formgrader lists the hand-in; Autograde grades it, records the marksheet and runs no notebook."""
    choose(page, "Formgrader")
    formgrader = page.frame_locator("iframe")
    formgrader.locator("tr", has_text="hw1").locator(".num-submissions a").click()
    expect(formgrader.locator(".status")).to_have_text("needs autograding")
    picture(page, "06-collected")
    press_in_row(formgrader, "autograde", says="Successfully autograded 'hw1' for student 'ada'.")
    expect(formgrader.locator(".status")).to_have_text("needs manual grading")
    expect(formgrader.locator(".score")).to_have_text("7 / 10.5")
    picture(page, "07-autograded")
    return formgrader


def mark(page: Page, formgrader: FrameLocator, picture: Picture) -> None:
    """The essay gets its points and a comment in formgrader's page; its tables say the sum, also after regrading."""
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.locator("#main-table").get_by_role("link", name="hw1").click()
    expect(formgrader.locator(".breadcrumb")).to_contain_text("hw1")
    formgrader.locator("#main-table").get_by_role("link", name="hw1").click()
    formgrader.get_by_role("link", name="Submission #1").click()
    sheet = formgrader.get_by_role("main")
    expect(sheet.locator("#q1a")).to_have_attribute("placeholder", "1")
    expect(sheet).to_contain_text(HINT)
    expect(sheet).to_contain_text(ESSAY)
    picture(page, "08-marksheet")
    for field, value in {"#q2e": "1.5", "#q2e-comment": COMMENT}.items():
        with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
            sheet.locator(field).fill(value)
            sheet.locator(field).blur()
    picture(page, "09-marked")

    formgrader.get_by_role("link", name="Manual Grading").click()
    expect(formgrader.locator("#main-table .score")).to_have_text("8.5 / 10.5")
    picture(page, "10-scores")
    formgrader.get_by_role("link", name="Manage Assignments").click()
    formgrader.locator("tr", has_text="hw1").locator(".num-submissions a").click()
    press_in_row(formgrader, "autograde", says="Successfully autograded 'hw1' for student 'ada'.")
    expect(formgrader.locator(".status")).to_have_text("graded")
    expect(formgrader.locator(".score")).to_have_text("8.5 / 10.5")


def press_in_row(formgrader: FrameLocator, button: str, *, says: str) -> None:
    """A button in the only student's row, and the window that formgrader answers with."""
    formgrader.locator(f".{button} a").click()
    answer = formgrader.locator(".modal-dialog")
    expect(answer).to_contain_text(says)
    expect(answer).not_to_contain_text("Applying preprocessor: Execute")
    answer.get_by_role("button", name="OK").click()
    expect(formgrader.locator(".modal-backdrop")).to_have_count(0)


def return_feedback(page: Page, formgrader: FrameLocator, picture: Picture) -> None:
    """Generate and Release, in the same row."""
    press_in_row(formgrader, "generate-feedback", says="Successfully generated feedback")
    press_in_row(formgrader, "release-feedback", says="Successfully released feedback")
    picture(page, "11-returned")


def read_feedback(page: Page, picture: Picture) -> None:
    """Fetch Feedback, and nbgrader's page with the marks, the hints and the comment in it."""
    page.locator("#refresh_assignments_list").click()
    page.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").click()
    page.locator("#submitted_assignments_list").get_by_text("(view feedback)").click()
    page.locator(".jp-DirListing-item", has_text="hw1.html").dblclick()
    shown = page.frame_locator(".jp-HTMLViewer iframe").locator("body")
    expect(shown).to_contain_text("Score: 8.5 / 10.5")
    expect(shown).to_contain_text(HINT)
    expect(shown).to_contain_text(COMMENT)
    picture(page, "12-feedback")


@contextmanager
def silent(page: Page) -> Iterator[None]:
    """Nothing that the page does in the block is refused, missing or an error."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda fault: heard.append(str(fault)))
    yield
    assert heard == []


def read_own_pages(page: Page, school: Classroom, picture: Picture) -> None:
    """Our feedback page and the report in both languages: the same marks, and nothing wider than its window."""
    out = school.out / "hw1"
    languages = (("en", "ltr", "8.5", "8.5 of 10.5 points"), ("fa", "rtl", "۸٫۵", "۸٫۵ از ۱۰٫۵ نمره"))
    for lang, direction, score, whole in languages:
        commanded(school, "feedback", "hw1", "--lang", lang)
        with silent(page):
            page.goto((out / "feedback" / "ada.html").as_uri())
            expect(page.locator("html")).to_have_attribute("dir", direction)
            expect(page.locator(".score")).to_have_text(whole)
            expect(page.locator("main")).to_contain_text(COMMENT)
            fits(page, picture, f"13-own-{lang}")
        commanded(school, "report", "hw1", "--lang", lang)
        with silent(page):
            page.goto((out / "report.html").as_uri())
            expect(page.locator("html")).to_have_attribute("dir", direction)
            expect(page.locator("main")).to_contain_text(score)
            fits(page, picture, f"14-report-{lang}")


def fits(page: Page, picture: Picture, name: str) -> None:
    """On a screen and on a phone the page is as wide as its window; both are pictured."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        picture(page, f"{name}-{width}")
