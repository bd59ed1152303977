"""What needs a look on the instructor's page: ours first, each once, and who is concerned."""

from __future__ import annotations

import re
from typing import Any

import pytest

from grader.report import report_page
from grader.results import DETAIL_CHARACTERS, incidents
from tests.pages.parsed import words
from tests.pages.report import incident_class, page
from tests.pages.sample import a_check, a_class, a_run, a_sheet, an_assignment, marksheets


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_what_nobody_could_look_into_is_named(lang: str) -> None:
    """An archive that stayed closed is a zero that somebody should see; a run file without such a list is fine."""
    note = {"en": "a.zip was not opened: & so on.", "fa": "a.zip باز نشد."}
    runs = [a_run("s0", left_out=[note]), a_run("s1")]

    text = words(report_page(marksheets(a_class(), runs), an_assignment(), lang=lang))

    assert f"s0 {note[lang]}" in text
    assert text.count("a.zip") == 1


def with_detail(student: str, detail: str) -> dict[str, Any]:
    return a_run(student, checks={"q1_learning_rates::t": {"seconds": 1.0, "detail": detail}})


def test_what_needs_a_look_is_told_in_full() -> None:
    """Ungraded comes before crashed, each with the instructor's whole explanation and a link to each student."""
    text = page(
        incident_class(["crashed", "ungraded", "passed"]),
        [with_detail("s0", "line 1\n<b>line 2"), with_detail("s1", "ours")],
    )
    look = text[text.index('id="look"') : text.index('id="students"')]

    assert (
        look.index("not judged yet")
        < look.index("ours")
        < look.index("crashed<")
        < look.index("line 1\n&lt;b&gt;line 2")
    )
    assert re.findall(r'href="(feedback/.*?)"', look) == ["feedback/s1.html", "feedback/s0.html"]
    assert "through our fault or for want of data: 1 of 3." in words(text)


def test_the_same_incident_is_told_once() -> None:
    """Students whose check failed in the same words stand together."""
    look = page(incident_class(["crashed"] * 4), [with_detail(f"s{i}", "same") for i in range(4)])

    assert look.count("<details") == 1
    assert "4 students" in look


def test_a_module_that_cannot_be_read_is_one_incident() -> None:
    """Each of its checks says so in the same words: one row names them all, whoever handed it in."""
    broken = {"outcome": "crashed", "message": ("Your code raised SyntaxError (q1.py, line 3)", "")}
    checks = [a_check(f"test_{n}", part, 1.0, **broken) for n, part in enumerate(("q1a", "q1a", "q1b"))]
    fewer = [a_check("test_0", "q1a", 1.0, **broken)]
    sheets = [a_sheet(f"s{i}", {"q1_learning_rates": given}) for i, given in enumerate((checks, checks, fewer))]

    found = incidents(marksheets(sheets), "en")

    assert [(one.label, len(one.checks), one.students) for one in found] == [
        ("1(a), 1(b)", 3, ("s0", "s1")),
        ("1(a)", 1, ("s2",)),
    ]
    assert page(sheets).count("q1_<wbr>learning_<wbr>rates::<wbr>test_<wbr>2</code>") == 1


def test_an_incident_of_many_parts_names_the_first() -> None:
    """A hand-in that cannot be opened is one line, not one of every part of the homework."""
    checks = [a_check(f"t{n}", f"q{n}a", 1.0, "crashed") for n in range(1, 10)]

    (found,) = incidents(marksheets([a_sheet("s0", {"q1_learning_rates": checks})]), "fa")

    assert found.label == "۱-الف، ۲-الف، ۳-الف، ۴-الف، …"
    assert len(found.checks) == 9


def test_who_used_another_s_numbers_is_named() -> None:
    """Wrong answers are no incident; those that are right for somebody else are."""
    runs = [with_detail(f"s{i}", "same") for i in range(4)]
    for run in runs[1:3]:
        for told in run["checks"].values():
            told["hints"] = ["variant"]

    text = page(incident_class(["failed"] * 4), runs)
    look = text[text.index('id="look"') : text.index('id="students"')]

    assert sorted(re.findall(r'href="(feedback/.*?)"', look)) == ["feedback/s1.html", "feedback/s2.html"]


def test_a_long_explanation_is_cut_in_the_middle() -> None:
    """Beginning and end stay, what is left out is counted, and the run file is named as the place of the whole."""
    detail = "A" + "x" * DETAIL_CHARACTERS + "Z"
    look = page(incident_class(["crashed"]), [with_detail("s0", detail)])

    assert re.search(r"<pre[^>]*>Ax+\n… 2 characters are left out here; the run file has them …\nx+Z</pre>", look)


def test_a_calm_class_needs_no_look() -> None:
    """Where everything was judged, the page says so."""
    assert "Nothing: every check was judged, nothing crashed, and everybody used their own numbers." in page()
