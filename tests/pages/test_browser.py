"""The pages in a real browser: what a student wrote never runs, and the report's tables sort.

Runs where a Chromium is on PATH; without one, the same law is held on the parsed page in test_feedback and test_report.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from grader.feedback import feedback_page
from grader.report import report_page
from tests.chromium import CHROMIUM, QUIET, needs_chromium
from tests.pages.parsed import source_hash
from tests.pages.sample import a_check, a_run, a_sheet, an_assignment

ATTACKS = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202e\x1b[2J\u2066"
pytestmark = needs_chromium


def seen(page: str, folder: Path) -> str:
    """The page as it stands in the browser after everything on it has loaded and run."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    profile = folder / "profile"
    command = [str(CHROMIUM), "--headless", *QUIET, f"--user-data-dir={profile}", "--dump-dom", file.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()


def title(dom: str) -> str:
    found = re.search(r"<title>(.*?)</title>", dom)
    assert found
    return found[1]


def hostile_pages() -> dict[str, str]:
    """Each page with attacks in the name, a message and a note."""
    check = a_check("t", "q1a", 2.0, "crashed", message=(ATTACKS, ATTACKS))
    sheet, assignment = a_sheet(ATTACKS, {"q1_learning_rates": [check]}), an_assignment()
    run = a_run(ATTACKS, notes=[{"en": ATTACKS, "fa": ATTACKS}], checks={"q1_learning_rates::t": {"detail": ATTACKS}})
    return {
        "feedback": feedback_page(sheet, run, assignment, lang="en"),
        "feedback-fa": feedback_page(sheet, run, assignment, lang="fa"),
        "report": report_page([sheet], [run], assignment),
        "report-fa": report_page([sheet], [run], assignment, lang="fa"),
    }


def test_the_attack_would_be_seen(tmp_path: Path) -> None:
    """The control: on a page without escaping and policy the attack runs, so that its absence means something."""
    assert title(seen(f"<title>page</title>{ATTACKS}", tmp_path)) == "owned"


@pytest.mark.parametrize("name", ["feedback", "feedback-fa", "report", "report-fa"])
def test_no_script_of_a_student_runs(name: str, tmp_path: Path) -> None:
    """Neither as text nor, were the escaping lost, past the content policy does anything of a student's run."""
    page = hostile_pages()[name]

    assert title(seen(page, tmp_path)) != "owned"
    assert title(seen(page.replace("</body>", ATTACKS + "</body>"), tmp_path)) != "owned"


@pytest.mark.parametrize("name", ["feedback", "feedback-fa", "report", "report-fa"])
def test_no_character_hides_or_turns_a_line(name: str, tmp_path: Path) -> None:
    """Overrides of direction and terminal controls stand in the browser's page as names, and not as themselves."""
    dom = seen(hostile_pages()[name], tmp_path)

    assert not {"\u202e", "\u2066", "\x1b"} & set(dom)
    assert {"⟦U+202E⟧", "⟦U+2066⟧", "⟦U+001B⟧"} <= set(re.findall("⟦.*?⟧", dom))


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
    page = report_page(sheets, [], an_assignment(), lang=lang)
    page = page.replace("script-src ", f"script-src {source_hash(driver)} ")

    dom = seen(page.replace("</body>", f"<script>{driver}</script></body>"), tmp_path)

    assert title(dom) == "bacdescending cabascending BUTTON"
