"""The instructor's page: the figures are right, and no name can run."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from grader.errors import GraderError
from grader.marks import Mark, Marks
from grader.report import MOST_MISTAKES, report_page
from tests.pages.parsed import Parsed, assert_sealed, source_hash
from tests.pages.report import incident_class, long_tail, page, rows, tiles
from tests.pages.sample import (
    SCORES,
    a_check,
    a_class,
    a_run,
    a_sheet,
    a_student,
    an_assignment,
    graded,
    marksheets,
    measured,
)


def test_the_page_is_sealed() -> None:
    """One file, nothing from outside, and only our own script may run, named by its hash."""
    parsed = assert_sealed(page(runs=[a_run("s0")]))

    assert parsed.names.count("script") == 1
    assert parsed.policy.endswith(f"script-src {source_hash(parsed.blocks['script'])}")


def test_every_table_scrolls_by_itself() -> None:
    """On a phone a wide table moves in its own frame, which the keyboard reaches, and the page stays as it is."""
    odd = {**measured(0.9, 500), "copies": {"plain": 0.9, "shifted": 0.1}}
    told = a_student("s0", 2.0, 1.0, 3.0)
    told["questions"][1]["checks"][0]["message"]["en"] = "The average's 1/4 is missing."
    spent = {"q1_learning_rates::test_q1a": {"seconds": 1.0}}
    run = a_run("s0", trainings=[{"part": "q7e", "accuracies": [odd]}], checks=spent)
    tags = Parsed(report_page(marksheets([told], [run]), an_assignment())).tags
    frames = [frame for (_, frame), (name, _) in pairwise(tags) if name == "table"]

    assert {frame["aria-labelledby"] for frame in frames} >= {"parts", "mistakes", "audit", "each", "time", "students"}
    assert all((frame.get("class"), frame.get("tabindex")) == ("scroll", "0") for frame in frames)


def test_the_summary_agrees_with_numpy() -> None:
    """Mean, median and standard deviation are those of the scores."""
    scores = [sum(earned) for earned in SCORES]
    shown = tiles(page())

    assert shown["Students"] == "5 5 fully judged"
    assert shown["Mean"] == f"{np.mean(scores):.1f} of 9"
    assert shown["Median"] == f"{np.median(scores):.1f}".rstrip("0").rstrip(".")
    assert shown["Standard deviation"] == f"{np.std(scores, ddof=1):.1f}"


def test_difficulty_and_discrimination_agree_with_numpy() -> None:
    """A part's mean share, and the correlation of its share with the points of all other parts."""
    earned = np.array(SCORES)
    rest = earned.sum(axis=1, keepdims=True) - earned

    for column, row in enumerate(rows(page(), "parts")):
        share = earned[:, column] / (2.0, 1.0, 6.0)[column]
        assert row[3:6] == ["5", f"{100 * share.mean():.0f}", f"{np.corrcoef(share, rest[:, column])[0, 1]:.2f}"]


def test_one_student_has_no_spread() -> None:
    """With one student there is a mean, and a dash where a figure would need two."""
    text = page(a_class()[:1])

    assert tiles(text)["Standard deviation"] == "–"
    assert rows(text, "parts")[0][5] == "–"


def test_a_part_that_nobody_could_judge_has_no_share() -> None:
    """Ungraded and manual checks count neither as zero nor as one."""
    sheets = [
        a_sheet(f"s{i}", {"q1_learning_rates": [a_check("t", "q1a", 2.0, o)]})
        for i, o in enumerate(["ungraded", "manual"])
    ]

    assert rows(page(sheets), "parts")[0][2:6] == ["2", "0", "–", "–"]


def test_the_commonest_mistakes_come_first() -> None:
    """The same words to the same check are one mistake, counted by students; right answers are none."""
    told = ["turned", "turned", "quarter", "turned", "quarter", ""]
    sheets = [
        a_sheet(f"s{i}", {"q2_conv_backprop": [graded("q2.dF", 6.0, 3.0 if m else 6.0, m)]}) for i, m in enumerate(told)
    ]

    assert rows(page(sheets), "mistakes") == [["3", "2 dF", "–", "turned"], ["2", "2 dF", "–", "quarter"]]


def test_a_recognised_mistake_is_one_however_it_was_worded() -> None:
    """The hint's key of the run file makes it one mistake, even where the message names each student's own number."""
    sheets = [a_sheet(f"s{i}", {"q2_conv_backprop": [graded("q2.dF", 6.0, 3.0, f"yours is {i}")]}) for i in range(3)]
    runs = [a_run(f"s{i}", checks={"q2_conv_backprop::test_q2.dF": {"hints": ["quarter"]}}) for i in range(3)]

    assert rows(page(sheets, runs), "mistakes") == [["3", "2 dF", "quarter", "yours is 0"]]


def test_mistakes_are_as_many_as_a_lesson_holds() -> None:
    """A long tail of single mistakes does not bury the common ones; how many there are is said."""
    sheets = long_tail()

    assert len(rows(page(sheets), "mistakes")) == MOST_MISTAKES
    assert f"{MOST_MISTAKES} of {MOST_MISTAKES + 5}: those that most students made." in page(sheets)
    assert "those that most students made" not in page(sheets[:MOST_MISTAKES])


def test_the_run_is_told() -> None:
    """Isolation, device, profile and seconds are those of the run files; level 0 is a warning at the top."""
    runs = [
        a_run("s0", seconds=30.0),
        a_run("s1", seconds=45.5, device="cuda", isolation=0),
        a_run("stranger", seconds=999.0),
    ]
    text = page(runs=runs)

    assert tiles(text)["Isolation"] == "0, 3"
    assert tiles(text)["Device"] == "cpu, cuda"
    assert tiles(text)["Time"] == "75.5 s in all"
    assert text.index("NOT isolated") < text.index("<dl")
    assert tiles(page(runs=runs[:1]))["Isolation"] == "3 namespaces"
    assert tiles(page())["Isolation"] == "–"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(119.0, "119 s in all"), (150.0, "2.5 min in all"), (9000.0, "2.5 h in all")]
)
def test_time_has_a_unit_that_fits(seconds: float, shown: str) -> None:
    """Seconds, minutes or hours, whichever a person would say."""
    assert tiles(page(runs=[a_run("s0", seconds=seconds)]))["Time"] == shown


def test_practice_is_said_first() -> None:
    """A stand-in or the quick profile is named before any figure; official data in full is not."""
    full = [a_sheet("s0", profile="full", data={"cifar10": "official"})]
    quick = [a_sheet("s0", data={"cifar10": "official"})]

    assert page().index("a stand-in took the place of the real data (cifar10)") < page().index("<dl")
    assert "trained with the quick profile" in page(quick)
    assert "Practice:" not in page(full)


def test_trainings_are_shown_against_their_bars() -> None:
    """Every measured accuracy is a dot, those under the bar are counted."""
    trainings = [{"part": "q7e", "accuracies": [measured(a, bar=0.8)]} for a in (0.75, 0.8, 0.9)]
    text = page(runs=[a_run("s0", trainings=trainings)])

    assert "Accuracies measured: 3; under their bar (the tick, where a training names one): 1." in text
    assert 'id="trainings"' not in page(runs=[a_run("s0", trainings=[])])


def test_the_audit_lists_who_is_odd() -> None:
    """A sentence with both numbers and a link; without anyone, the page says so, and how many were drawn."""
    again = {"plain": 0.9, "accuracy": 0.88}
    entry = {**measured(0.9, 500), "copies": {"plain": 0.9, "shifted": 0.1}, "renamed": again}
    text = page(runs=[a_run("s0", audit=0.5, trainings=[{"part": "q7e", "accuracies": [entry]}])])
    honest = {**entry, "copies": {"plain": 0.9, "shifted": 0.85}}

    assert "0.900 on rows as they are, 0.100 on shifted ones" in text
    assert "has lowered no mark" in text
    clean = page(runs=[a_run("s0", audit=0.5, trainings=[{"part": "q7e", "accuracies": [honest]}])])
    assert "No training looks unusual. The share of hand-ins that were drawn to be trained once more: 0.5." in clean


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "javascript:alert(1)", 'a"onclick="x', "<i>", "s 1", "سارا", "\u202egpj", "s\udcff"]
)
def test_no_name_leaves_the_feedback_folder(name: str) -> None:
    """Whatever a student is called, the link is one file in feedback/ and the name is text."""
    parsed = assert_sealed(page([a_sheet(name)], [a_run(name)]))

    links = [link for link in parsed.links() if not link.startswith("#")]
    assert links
    assert all(re.fullmatch(r"feedback/[\w.%~-]+\.html", link, re.A) for link in links)
    assert "i" not in parsed.names


def test_a_training_may_be_measured_on_several_sets() -> None:
    """A network judged on its own images and on unseen ones has a row for each."""
    accuracies = [measured(0.9, 50_000), measured(0.8, 10_000)]
    text = page(runs=[a_run("s0", trainings=[{"part": "q7e", "accuracies": accuracies}])])

    assert "Accuracies measured: 2; under their bar (the tick, where a training names one): 0." in text
    assert ">7(e), 10000 rows<" in text
    assert ">7(e), 50000 rows<" in text


def test_essays_are_no_row_of_the_parts() -> None:
    """What a person marks has no difficulty here; its points are told at the top."""
    checks = [a_check("t", "q1a", 2.0), a_check("q1a.essay", "q1a.essay", 2.0, "manual")]
    text = page([a_sheet("s0", {"q1_learning_rates": checks})])

    assert [row[1] for row in rows(text, "parts")] == ["Stability threshold"]
    assert tiles(text)["Essays"] == "5 points wait for a person"


def test_a_training_that_broke_off_on_a_gpu_says_why() -> None:
    """Beside the device on which it was done after that; what a student's code raised is text, whatever it is."""
    log = {"part": "q7e", "device": "cpu", "broke_off": {"cuda": "Your code raised <b>OutOfMemoryError</b>"}}
    text = page(runs=[a_run("s0", trainings=[log])])

    assert rows(text, "each")[0][-1] == "cpu (cuda: Your code raised <b>OutOfMemoryError</b>)"
    assert "<b>OutOf" not in text


def test_two_thousand_students_have_a_row_each() -> None:
    """A large course has one page, every student in it, of a size that a browser opens at once."""
    sheets = [{**a_class()[i % 5], "student": f"s{i:04d}"} for i in range(2000)]
    text = page(sheets)

    assert [row[0] for row in rows(text, "students")] == [f"s{i:04d}" for i in range(2000)]
    assert len(text) < 4_000_000  # 2 kB a student


def test_the_same_class_has_the_same_page() -> None:
    """Neither the order of the files nor the clock changes a byte."""
    runs = [a_run(f"s{i}") for i in range(5)]

    assert page(a_class(), runs) == page(a_class()[::-1], runs[::-1])


def test_an_empty_class_is_refused() -> None:
    """No marksheet: one sentence with what to do."""
    with pytest.raises(
        GraderError, match=r"A report on hw5 was asked, but there is no marksheet: run grader run hw5\."
    ):
        report_page([], an_assignment())


def test_the_page_can_be_heard() -> None:
    """One h1, no skipped level, a caption for each table, a name for each picture."""
    parsed = Parsed(page(incident_class(["crashed"]), [a_run("s0")]))
    levels = [int(name[1]) for name in parsed.names if re.fullmatch(r"h\d", name)]

    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert {"header", "main"} <= set(parsed.names)
    assert parsed.names.count("caption") == parsed.names.count("table")
    assert all(a.get("aria-label") or a.get("aria-hidden") for n, a in parsed.tags if n == "svg")


def test_a_person_s_marks_count() -> None:
    """Scores, means and parts are those of the gradebook; an essay has a row once somebody has read one."""
    essay = a_check("q1a.essay", "q1a.essay", 2.0, "manual")
    sheets = [a_sheet(f"s{i}", {"q1_learning_rates": [graded("q1a", 2.0, 1.0), essay]}) for i in range(2)]
    given = {"s0": Marks({"q1a.essay": Mark(Fraction(3, 2)), "q1a": Mark(Fraction(2))}, Fraction(1, 2))}

    before, after = (report_page(marksheets(sheets), an_assignment(), marks) for marks in (None, given))
    nothing = report_page(marksheets(sheets, [{"student": "s1", "no_essay": ["q1a.essay"]}]), an_assignment(), given)

    assert tiles(nothing)["Essays"] == "0 to be read by a person"
    assert [row[:2] for row in rows(before, "students")] == [["s0", "1"], ["s1", "1"]]
    assert [row[:2] for row in rows(after, "students")] == [["s0", "3"], ["s1", "1"]]
    assert tiles(before)["Essays"] == "5 points wait for a person"
    assert tiles(after)["Essays"] == "1 to be read by a person"
    assert tiles(after)["Mean"] == "2 of 7"
    assert [row[0] for row in rows(before, "parts")] == ["1(a) q1a"]
    assert [row[:5] for row in rows(after, "parts")] == [
        ["1(a) q1a", "Stability threshold", "2", "2", "75"],
        ["1(a) q1a.essay", "Learning rate too high", "2", "1", "75"],
    ]


def test_time_is_told_by_check() -> None:
    """Over all students, a student, and the longest; the most expensive check first."""
    sheets = [
        a_sheet(f"s{i}", {"q1_learning_rates": [graded("q1a", 2.0, 2.0), graded("q1b", 1.0, 1.0)]}) for i in (1, 2)
    ]
    runs = [
        a_run(
            f"s{i}",
            checks={"q1_learning_rates::test_q1a": {"seconds": i}, "q1_learning_rates::test_q1b": {"seconds": 9}},
        )
        for i in (1, 2)
    ]

    assert rows(page(sheets, runs), "time") == [
        ["1(b)", "q1_learning_rates::test_q1b", "18", "9", "9"],
        ["1(a)", "q1_learning_rates::test_q1a", "3", "1.5", "2"],
    ]


def test_every_training_has_a_row() -> None:
    """Whose, which part, and what it reached against its bar; without trainings there is no such table."""
    text = page([a_sheet("s0")], [a_run("s0")])

    assert rows(text, "each") == [
        ["s0", "7(e)", "1", "73.9", "80", "81.4", "cpu"],
        ["s0", "7(e)", "2", "74.5", "80", "81.4", "cpu"],
    ]
    assert 'id="each"' not in page()
