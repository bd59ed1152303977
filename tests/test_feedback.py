"""A student's page: it says everything, and shows nothing secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.feedback import Bar, feedback_page, moment, notes_feedback, part_feedback
from grader.marks import Mark, Marks, standing
from grader.phrases import phrase
from grader.records import Text
from tests.pages.feedback import page
from tests.pages.parsed import Parsed, assert_sealed, words
from tests.pages.sample import a_check, a_picture, a_run, a_sheet, an_assignment, an_essay


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_page_is_sealed(lang: str) -> None:
    """One file, no script at all, nothing from outside, and a policy that would stop both."""
    parsed = assert_sealed(page(lang=lang, figures=[("x.png", a_picture())]))

    assert "script" not in parsed.names
    assert "script-src" not in parsed.policy


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_check_is_told(lang: str) -> None:
    """Each check's sentence, message and outcome, with a symbol and a word, is on the page."""
    sheet = a_sheet()
    html = page(sheet, lang=lang)
    text = words(html)

    for question in sheet["questions"]:
        assert question["title"][lang] in text
        for check in question["checks"]:
            assert check["says"][lang].replace("`", "") in text
            assert check["message"][lang] in text
            assert str(phrase(f"page.outcome.{check['outcome']}").in_language(lang)) in text
            assert f'#sign-{check["outcome"]}"' in html


@pytest.mark.parametrize(("lang", "lead"), [("en", "Asked: "), ("fa", "خواسته: ")])
def test_what_is_not_passed_is_told_as_what_was_asked(lang: str, lead: str) -> None:
    """Beside "Not right", "the slope is right" would be read as a verdict: it is what the check asks for."""
    checks = [a_check("a", "q1a", 1.0), a_check("b", "q1a", 1.0, "failed"), a_check("c", "q1a", 1.0, "ungraded")]
    html, plain = part_feedback(checks, lang)

    for text in (words(page(a_sheet(questions={"q1_learning_rates": checks}), lang=lang)), words(html), plain):
        assert text.count(lead + checks[0]["says"][lang]) == text.count(lead) == 2, text


def test_points_are_shown_short() -> None:
    """1.5 points are 1.5, not 1.50, and 2 are 2; a check's own points are shown where a part has several."""
    text = words(
        page(a_sheet(questions={"q1_learning_rates": [a_check("a", "q1a", 1.5), a_check("b", "q1a", 0.5, "failed")]}))
    )

    assert "1.5 of 1.5" in text
    assert "0 of 0.5" in text
    assert "1.5 of 2" in text
    assert ".50" not in text


def test_persian_runs_right_to_left_with_its_own_digits() -> None:
    """The Persian page is right to left, its points are in Persian digits, and code in it is isolated."""
    text = page(lang="fa")

    assert '<html lang="fa" dir="rtl">' in text
    assert "۱۹٫۶" in words(text)
    assert "۳٫۶ از ۶" in words(text)
    assert "19.6" not in words(text)
    assert '<bdi dir="ltr">lr = 2.5</bdi>' in text
    assert "۶-ث" in words(text)


def test_a_sentence_without_persian_stays_left_to_right() -> None:
    """Where only the English sentence exists, the Persian page sets it left to right."""
    check = a_check("a", "q1a", 1.0, says=("Only English.", "Only English."))

    assert '<p class="says" dir="ltr">Only English.</p>' in page(
        a_sheet(questions={"q1_learning_rates": [check]}), lang="fa"
    )


def test_essays_wait_for_a_person_beside_their_companion() -> None:
    """An essay has its points as waiting and stands after the machine-graded part with its letter."""
    text = words(page())

    assert phrase("page.essay").en in text
    assert text.index("Stability threshold") < text.index("Learning rate too high") < text.index("Steps to tolerance")
    assert "2 waiting" in text


def test_an_essay_on_a_whole_question_stands_after_its_parts() -> None:
    """It looks back on them, as in the hand-out and on the report card; one with a letter stays with its part."""
    essays = (an_essay("q1.essay", "q1_learning_rates", 2), an_essay("q1a.essay", "q1_learning_rates", 1))

    shown = Parsed(feedback_page(a_sheet(), {}, replace(an_assignment(), essays=essays), lang="en")).text.split()

    ids = [word for word in shown if word in {"q1a", "q1a.essay", "q1b", "q1.essay"}]
    assert ids == ["q1a", "q1a.essay", "q1b", "q1.essay"]


def test_an_essay_that_is_also_a_check_is_told_once() -> None:
    """A marksheet that carries the essay as a manual check does not show it twice."""
    assignment = replace(an_assignment(), essays=(an_essay("q1a.essay", "q1_learning_rates", 2),))
    questions = {"q1_learning_rates": [a_check("essay", "q1a.essay", 2.0, "manual", says=("Told twice.", ""))]}

    text = feedback_page(a_sheet(questions=questions), {}, assignment, lang="en")

    assert "Told twice." not in text
    assert words(text).count("Learning rate too high") == 1


def test_a_stand_in_is_said_before_the_score() -> None:
    """Practice data is named in the first lines; with the official data nothing is said there."""
    text = words(page())
    official = words(page(a_sheet(profile="full", data={"cifar10": "official"})))

    assert 0 < text.index("Practice:") < text.index("19.6")
    assert "cifar10" in text[: text.index("19.6")]
    assert "Practice" not in official
    assert "cifar10: the official files" in official


@pytest.mark.parametrize(("lang", "told"), [("en", "generated by the course"), ("fa", "ساختهٔ خود درس")])
def test_a_set_that_the_course_makes_has_no_official_files(lang: str, told: str) -> None:
    """There is no original of it; nor is it practice."""
    text = words(page(a_sheet(profile="full", data={"phantoms": "generated"}), lang=lang))

    assert f"phantoms: {told}" in text


def test_the_quick_profile_is_said_before_the_score() -> None:
    """Quick trainings on official data are practice too; an assignment without data has nothing to say."""
    assert "Practice:" in words(page(a_sheet(data={"cifar10": "official"})))
    assert "Practice:" not in words(page(a_sheet(data={})))


def test_ungraded_is_nobodys_zero() -> None:
    """Points that could not be judged are told as open, apart from the score."""
    text = words(page())

    assert "Points not judged yet: 4." in text
    assert "not your fault" in text


def test_bonus_is_told_apart() -> None:
    """The bonus in the score is named, and the questions show it beside their own points."""
    text = words(page())

    assert "Bonus points: 6 of 10, already in the score." in text
    assert "3 of 7 with 6 of 10 bonus" in text


def test_nothing_secret_is_shown() -> None:
    """The instructor's explanations, the host and the draws' key stay out of the page."""
    run = a_run(
        checks={"q2_conv_backprop::test_one_by_one_filter": {"detail": "expected SECRET-VALUE"}}, host="SECRET-HOST"
    )
    text = page(a_sheet(draw_key="SECRET-KEY", checks_sha256="SECRET-HASH"), run)

    assert "SECRET" not in text


def test_what_was_graded_is_said() -> None:
    """The notes of collecting and unpacking are on the page, and the fingerprint that an appeal names."""
    text = words(page())

    assert "the notebook's cells for it were left out" in text
    assert "9f2c41d07be8a6cf" in text


def test_what_nobody_could_look_into_is_said_first() -> None:
    """Or the reason why all of it is unwritten would stand under all of it; below, it is not said again."""
    closed, other = {"en": "a.zip was not opened.", "fa": ""}, {"en": "b.py was graded.", "fa": ""}

    text = words(page(run=a_run(notes=[closed, other], left_out=[closed])))

    assert text.count(closed["en"]) == 1
    assert text.index(closed["en"]) < text.index("Partly right") < text.index(other["en"])


def test_a_run_file_may_be_missing() -> None:
    """Without the run file the page still tells every outcome."""
    assert "Partly right" in words(page(run={}))


def test_figures_stand_with_their_check() -> None:
    """A figure named after its question and check is shown there, the longer name wins, another one at the end."""
    checks = {
        "q1_learning_rates": [
            a_check("test_plot", "q1a", 1.0),
            a_check("test_plot_two", "q1b", 1.0, says=("Second.", "")),
        ]
    }
    figures = [("q1_learning_rates__test_plot_two.png", a_picture()), ("other.png", a_picture())]
    text = page(a_sheet(questions=checks), figures=figures)

    assert [a["alt"] for n, a in Parsed(text).tags if n == "img"] == ["Your figure for: Second.", "other.png"]


def test_another_process_writes_the_same_bytes() -> None:
    """Both pages, with their charts, are the same in processes that hash differently."""
    code = (
        "import sys; from grader.feedback import feedback_page; from grader.report import report_page;"
        "from tests.pages.sample import *; sheet, run, hw = a_sheet(), a_run(), an_assignment();"
        "pages = feedback_page(sheet, run, hw, lang='fa') + report_page(marksheets([sheet], [run]), hw);"
        "sys.stdout.buffer.write(pages.encode())"
    )
    root = Path(__file__).parents[1]

    one, two = (
        subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed},
                       capture_output=True, check=True, timeout=120).stdout
        for seed in ("1", "2")
    )  # fmt: skip

    assert one == two
    assert b"</html>" in one


def test_the_page_can_be_heard() -> None:
    """One h1, no skipped level, landmarks, a caption for each table, a name for each picture."""
    parsed = Parsed(page(figures=[("x.png", a_picture())]))
    levels = [int(name[1]) for name in parsed.names if re.fullmatch(r"h\d", name)]

    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert {"header", "main", "nav", "footer"} <= set(parsed.names)
    assert parsed.names.count("caption") == parsed.names.count("table") == 2
    assert all(a.get("alt") for n, a in parsed.tags if n == "img")
    assert all(a.get("aria-label") or a.get("aria-hidden") for n, a in parsed.tags if n == "svg")


def test_links_inside_the_page_arrive() -> None:
    """Every link and symbol points to something on the page."""
    parsed = Parsed(page())
    there = {a["id"] for _, a in parsed.tags if "id" in a}

    assert {link[1:] for link in parsed.links() if link.startswith("#")} <= there


def test_another_language_is_refused() -> None:
    """A language without a page is named, with those there are."""
    with pytest.raises(GraderError, match=r"A page in 'de' was asked; there is en and fa\."):
        page(lang="de")


def test_a_question_that_the_assignment_forgot_is_still_told() -> None:
    """A marksheet older than the assignment keeps its own titles and parts."""
    sheet = a_sheet(questions={"q1_learning_rates": [a_check("a", "q1z", 1.0)]})
    bare = replace(an_assignment(), questions=(), essays=(), title=Text("Bare"))

    text = words(feedback_page(sheet, {}, bare, lang="fa"))

    assert "نرخ یادگیری و نقطهٔ زینی" in text
    assert "q1z" in text


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5))
def test_a_bar_is_whole(numbers: list[int]) -> None:
    """The segments of a bar follow one another without overlap and fill it, unless there are no points at all."""
    earned, waiting, lost, bonus, bonus_lost = (Fraction(n, 4) for n in numbers)
    segments = Bar(earned, waiting, earned + waiting + lost, bonus, bonus + bonus_lost).segments

    assert sum(width for _, _, width in segments) == pytest.approx(100 if any(numbers) else 0, abs=0.05)
    assert all(b[1] == pytest.approx(a[1] + a[2], abs=0.02) for a, b in pairwise(segments))


def test_bars_add_up() -> None:
    """A question's bar is the sum of its parts'."""
    one = Bar(*map(Fraction, (1.5, 0.5, 4, 1, 2)))

    assert one + one == Bar(*map(Fraction, (3, 1, 8, 2, 4)))


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("2026-10-04T23:11:42+03:30", "2026-10-04 23:11 +03:30"),
        ("2026-10-04T23:11:42.5Z", "2026-10-04 23:11 UTC"),
        ("2026-10-04 23:11", "2026-10-04 23:11"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_times_are_read_by_people(when: str, shown: str) -> None:
    """ISO 8601 becomes date, minutes and offset; anything else is shown as it came."""
    assert moment(when) == shown


def test_a_person_s_marks_stand_on_the_page() -> None:
    """Points, comment, extra credit and lateness; the score is the gradebook's, and what waits no longer does."""
    marks = Marks(
        {"q1a.essay": Mark(Fraction(3, 2), comment="Say why.", lines=(1,)), "q1a": Mark(extra=Fraction(1, 4))},
        Fraction(1, 2),
    )
    text = Parsed(feedback_page(a_sheet(), a_run(), an_assignment(), lang="en", marks=marks)).text
    told = " ".join(text.split())

    score = standing(a_sheet(), marks).score
    assert f"{float(score):g} of {28 + 2:g} points" in told
    assert "2: consequence" in told
    assert "Say why." in told
    assert "1.5 of 2" in told
    assert "2.25 of 2" in told
    assert told.count("Extra credit, counted above: 0.25.") == 1
    assert "Points taken off for being late, as the score above already says: 0.5." in told
    assert "Points for essays that wait for a person: 3." in told


def test_a_person_judges_in_place_of_a_check() -> None:
    """A part that was not judged by the machine is settled by a mark; nothing of it is open."""
    before, after = (
        feedback_page(a_sheet(), {}, an_assignment(), lang="en", marks=marks)
        for marks in (Marks(), Marks({"q7d": Mark(Fraction(13, 2)), "q7e": Mark(Fraction(9))}))
    )

    assert "Points not judged yet: 4." in before
    assert "Points not judged yet: " not in after
    assert "6.5 of 7" in after
    assert "9 of 10" in after


def test_an_essay_that_nobody_wrote_waits_for_nobody() -> None:
    """It has its zero, and says why: once recorded, and by the run file before; a person's mark stands."""
    recorded = Marks({"q1a.essay": Mark(Fraction(0), by_person=False)})
    given = Marks({"q1a.essay": Mark(Fraction(1))})
    nothing = {"no_essay": ["q1a.essay"]}

    first, second, marked = (
        feedback_page(a_sheet(), run, an_assignment(), lang="en", marks=marks)
        for run, marks in (({}, recorded), (nothing, Marks()), (nothing, given))
    )

    assert first == second
    assert "0 of 2" in first
    assert "Nothing was handed in for it." in first
    assert "Points for essays that wait for a person: 3." in first
    assert "1 of 2" in marked
    assert "Nothing was handed in for it." not in marked


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_what_a_cell_of_nbgrader_shows(lang: str) -> None:
    """The same checks as HTML and as text: no markup of a student's, nothing invisible, no style and no script."""
    attack = "<script>x</script>\u202e"
    checks = [a_check("t", "q1a", 2.0, "partial", 0.5, message=(attack, attack)), a_check("u", "q1a", 1.0)]

    html, plain = part_feedback(checks, lang)

    parsed = Parsed(html)
    assert parsed.open == []
    assert not {"script", "style", "link", "img"} & set(parsed.names)
    assert "⟦U+202E⟧" in parsed.text
    assert ("1.5 of 3" if lang == "en" else "۱٫۵ از ۳") in plain
    assert "\u202e" not in html + plain


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_what_a_cell_of_nbgrader_says_of_the_hand_in(lang: str) -> None:
    """Names of a student's files may be in it: they stay text, as HTML and as plain text."""
    note = "<script>x</script>\u202e.zip"

    html, plain = notes_feedback([{"en": f"{note} was not opened.", "fa": f"{note} باز نشد."}], lang)

    assert "script" not in Parsed(html).names
    assert plain.splitlines() == (
        ["What was graded", "<script>x</script>⟦U+202E⟧.zip was not opened."]
        if lang == "en"
        else ["چه چیزی تصحیح شد", "<script>x</script>⟦U+202E⟧.zip باز نشد."]
    )
