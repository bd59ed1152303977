"""The pages that a student receives: every part with its points, both languages, and room for essays."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.authoring import handout
from grader.authoring.part_points import part_points
from grader.records import Text
from tests.sample_course import sample

PAGES = {"readme": handout.readme, "readme_fa": handout.readme_fa}


@pytest.mark.parametrize("page", PAGES)
def test_every_part_stands_in_the_table_with_its_points(page: str) -> None:
    """The column of points adds up to what the checks and rubrics say; bonuses are marked."""
    _, hw1 = sample()
    to_latin = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.")
    text = PAGES[page](hw1).translate(to_latin)
    rows = dict(re.findall(r"^\| .+ \| `(q\w+)` \|.*\| ([\d.]+)\+? \|$", text, re.MULTILINE))

    assert {part: float(points) for part, points in rows.items()} == {p: float(w) for p, w in part_points(hw1).items()}
    assert re.findall(r"^\| .+ \| `(q\w+)` \|.*\+ \|$", text, re.MULTILINE) == ["q2b"]


def test_what_people_call_a_part_stands_beside_its_id() -> None:
    """Whoever reads of 1(b) on a page finds q1b in the module, and under which heading an essay goes."""
    _, hw1 = sample()

    assert "| 1(b) | `q1b` | " in handout.readme(hw1)
    assert "| ۱-ب | `q1b` | " in handout.readme_fa(hw1)
    assert "\n## q2e, 2(e): " in handout.essays(hw1)
    assert "\n**۲-ث، " in handout.essays(hw1)


def test_the_persian_page_holds_every_statement() -> None:
    """Who reads Persian needs no other page; it is written from right to left, with Persian digits."""
    _, hw1 = sample()
    page = handout.readme_fa(hw1)

    assert page.startswith('<div dir="rtl">\n')
    assert page.count("<div") == page.count("</div>")
    assert all(handout.left_to_right(q.persian["statement"].strip()) in page for q in hw1.questions)
    assert "| ۲٫۵ |" in page


def test_without_essays_the_page_says_so() -> None:
    """Nobody looks for a line that is not there."""
    page = handout.essays(replace(sample()[1], essays=()))

    assert page.endswith(": essays\n\nThis assignment asks for none.\n")


def test_essays_have_a_heading_a_prompt_a_rubric_and_room() -> None:
    """Headings begin with the part's id: the collector finds the answers by them."""
    _, hw1 = sample()
    page = handout.essays(hw1)

    assert re.findall(r"^## (\S+), ", page, re.MULTILINE) == [essay.part for essay in hw1.essays]
    assert "(2.5 points)" in page
    assert page.count("\nAnswer:\n") == len(hw1.essays)
    assert all(f": {line.judged.en}\n" in page for essay in hw1.essays for line in essay.rubric)
    assert all(handout.left_to_right(essay.prompt.fa) in page for essay in hw1.essays)
    assert all(handout.left_to_right(line.judged.fa) in page for essay in hw1.essays for line in essay.rubric)


def test_an_essay_in_english_alone_has_no_persian_half() -> None:
    """No empty lines with points and nothing else; room for the answer stays."""
    _, hw1 = sample()
    english = [replace(essay, prompt=Text(essay.prompt.en)) for essay in hw1.essays]

    page = handout.essays(replace(hw1, essays=tuple(english)))

    assert "rtl" not in page
    assert page.count("\nAnswer:\n") == len(english)


def test_a_title_without_persian_stands_in_english() -> None:
    """A row of the Persian page says what it is about, whoever has forgotten its Persian title."""
    _, hw1 = sample()
    first = replace(hw1.questions[0], title=Text("Rows"), parts={"q1a": Text("Mean")})

    page = handout.readme_fa(replace(hw1, questions=(first, *hw1.questions[1:])))

    assert "**Rows**" in page
    assert "| `q1a` | Mean |" in page
    assert "\n## Rows\n" in page
