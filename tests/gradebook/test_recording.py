"""Marksheets in nbgrader's gradebook: the same points, a person's work untouched, no student's code run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grader.errors import GraderError
from grader.gradebook.book import give_marks, marks_of
from grader.gradebook.recording import RecordMarks
from grader.marks import Mark, exact, standing
from tests.classroom import ANSWER, CLASS, Classroom, cell_of
from tests.sample_course import ENVIRONMENT


def api(room: Classroom) -> NbGraderAPI:
    config = Config()
    config.CourseDirectory.root = str(room.root / "nbgrader")
    config.CourseDirectory.course_id = "sample"
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def checks(sheet: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [c for q in sheet["questions"] for c in q["checks"] if c["part"] == part]


@pytest.mark.parametrize("student", CLASS)
def test_the_gradebook_has_the_marksheet_s_points(room: Classroom, student: str) -> None:
    """Part by part and in all; a bonus part is worth 0 points and its points count."""
    sheet, grades = room.sheet(student), room.grades(student)

    for part in ("q1a", "q1b", "q1c", "q2a", "q2b"):
        assert grades[part] == (sum(c["earned"] for c in checks(sheet, part)), None, False)
    assert room.total(student) == (sheet["score"], 10.5)  # 8 by the machine and 2.5 for the essay, no bonus


def test_an_answered_essay_waits_for_a_person_and_an_empty_one_has_zero(room: Classroom) -> None:
    """Whether the answer stands in the notebook or in essays.md; nobody reads what nobody wrote."""
    assert room.grades("ada")["q2e"] == (None, None, True)
    assert room.grades("bob")["q2e"] == (None, None, True)
    assert room.grades("cyd")["q2e"] == (0, None, False)


def test_formgrader_shows_the_essay_from_essays_md(room: Classroom) -> None:
    """An untouched cell shows what the page says; a written one stays as it is."""
    assert cell_of(room.autograded("bob"), "q2e")["source"] == ["It is an <b>outer</b> product."]
    assert cell_of(room.autograded("ada"), "q2e")["source"] == [ANSWER]


def test_words_under_no_heading_in_a_renamed_page_wait(room: Classroom) -> None:
    """What nbgrader itself collected is read like what `grader collect` brings."""
    (room.hand_in("cyd") / "essays.md").unlink()
    (room.hand_in("cyd") / "Essays (1).md").write_text("An outer product.", encoding="utf-16")

    room.record()

    assert room.grades("cyd")["q2e"] == (None, None, True)
    assert cell_of(room.autograded("cyd"), "q2e")["source"] == ["An outer product."]


def test_formgrader_takes_everybody_for_autograded(room: Classroom) -> None:
    """nbgrader compares the folder, the gradebook's row and the two timestamps."""
    assert api(room).get_autograded_students("hw1") == set(CLASS)


def test_nbgrader_makes_its_feedback_from_it(room: Classroom) -> None:
    """generate_feedback: nbgrader's page has our sentences, and no markup of a student's."""
    made = api(room).generate_feedback("hw1", "cyd")

    page = (room.root / "nbgrader" / "feedback" / "cyd" / "hw1" / "hw1.html").read_text(encoding="utf-8")
    assert made["success"], made
    assert "This is the sum: divide it by how many there are." in page
    assert "Score: 8.0 / 10.5" in " ".join(page.split())


def test_a_part_that_could_not_be_judged_waits_and_is_named(room: Classroom) -> None:
    """Ungraded is never a zero: no points of the machine's, a person needed, a line for the instructor."""
    room.change_sheet("cyd", lambda sheet: checks(sheet, "q1b")[0].update(outcome="ungraded", earned=None))

    summary = room.record()

    assert room.grades("cyd")["q1b"] == (None, None, True)
    assert summary.waiting["cyd"] == ("q1b",)
    assert summary.waiting["ada"] == ("q2e",)


def test_regrading_leaves_a_person_s_mark_and_extra_credit(room: Classroom) -> None:
    """The machine's points are new; the person's, and that they have marked it, are not touched."""

    def mark(book: Gradebook) -> None:
        for part, points in {"q2e": 2.0, "q1a": 1.75}.items():
            grade = book.find_grade(part, "hw1", "hw1", "cyd")
            grade.manual_score, grade.needs_manual_grade = points, False
        book.find_grade("q1c", "hw1", "hw1", "cyd").extra_credit = 0.5
        book.db.commit()

    room.ask(mark)
    room.change_sheet("cyd", lambda sheet: checks(sheet, "q1a")[0].update(earned=1.5))

    room.record()

    assert room.grades("cyd")["q1a"] == (1.5, 1.75, False)
    assert room.grades("cyd")["q2e"] == (0, 2.0, False)
    assert room.total("cyd")[0] == 8 - 1 + 1.75 + 2 + 0.5  # q1a's 1 point of the machine's gives way
    there = standing(room.sheet("cyd"), marks_of(room.course, room.hw1)["cyd"])
    assert there.score == exact(room.total("cyd")[0])


def test_nbgrader_s_own_plugin_takes_off_for_lateness(room: Classroom) -> None:
    """Its penalty, by its configuration, from its due date; an extension counts."""
    line = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    (room.root / "nbgrader_config.py").write_text(
        "from grader.exchange import configure\n\nconfigure(c)\n" + line, encoding="utf-8"
    )

    def due(book: Gradebook) -> None:
        book.update_or_create_assignment("hw1", duedate="2026-09-30 12:00:00 UTC")
        book.grant_extension("hw1", "ada", days=3)

    room.ask(due)

    room.record()

    marks = marks_of(room.course, room.hw1)
    assert (marks["ada"].penalty, marks["cyd"].penalty) == (0, 8)
    assert standing(room.sheet("cyd"), marks["cyd"]).score == 0


def test_a_part_and_points_that_are_younger_than_the_hand_ins(room: Classroom) -> None:
    """nbgrader itself refuses both: the row is added, the card's cell too, and the maximum follows."""
    folder = room.root / "solutions" / "hw1"
    table = (folder / "assignment.toml").read_text(encoding="utf-8")
    new = 'parts."q1d" = { en = "A new one", fa = "یکی تازه" }\n\n[question.q2_table]'
    (folder / "assignment.toml").write_text(table.replace("[question.q2_table]", new), encoding="utf-8")
    tests = (folder / "test_q1_rows.py").read_text(encoding="utf-8").replace("@points(1,", "@points(1.5,")
    more = '\n\n@points(4, part="q1d")\ndef test_new(submission):\n    """It is new."""\n'
    (folder / "test_q1_rows.py").write_text(tests + more, encoding="utf-8")

    def judged(sheet: dict[str, Any]) -> None:
        checks(sheet, "q1c")[0].update(points=1.5, earned=1.5)
        fresh = {**checks(sheet, "q1c")[0], "id": "test_new", "part": "q1d", "points": 4.0, "earned": 3.25}
        sheet["questions"][0]["checks"].append(fresh)

    room.change_sheet("ada", judged)

    summary = room.record()

    assert summary.problems == []
    assert room.grades("ada")["q1d"] == (3.25, None, False)
    assert room.grades("ada")["q1c"] == (1.5, None, False)
    assert room.total("ada") == (9 + 0.5 + 3.25, 10.5 + 0.5 + 4)
    assert cell_of(room.autograded("ada"), "q1d")["outputs"]


def test_a_part_that_is_gone_gives_nothing(room: Classroom) -> None:
    """A marksheet that still has it is refused; one without it is recorded, and nobody's maximum counts it."""
    folder = room.root / "solutions" / "hw1"
    lines = (folder / "assignment.toml").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "assignment.toml").write_text("".join(x for x in lines if 'parts."q1c"' not in x), encoding="utf-8")
    tests = (folder / "test_q1_rows.py").read_text(encoding="utf-8")
    (folder / "test_q1_rows.py").write_text(tests.partition("@points(1,")[0], encoding="utf-8")

    def without(sheet: dict[str, Any]) -> None:
        sheet["questions"][0]["checks"].remove(checks(sheet, "q1c")[0])

    room.change_sheet("ada", without)

    summary = room.record()

    assert summary.students == ["ada"]
    assert summary.problems[0] == "bob: the marksheet has q1c, which hw1 no longer has; run grader run again"
    assert room.total("ada") == (8, 9.5)


def test_outputs_in_a_hand_in_never_become_points(room: Classroom) -> None:
    """The two traps of nbgrader: text on stderr means zero there, a NumPy scalar all points. Here neither is read."""
    stderr = {"output_type": "stream", "name": "stderr", "text": ["epoch 1\n"]}
    scalar = {
        "output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "np.float64(0.5)"}
    }  # fmt: skip
    room.change_card("ada", lambda card: cell_of(card, "q1a").update(outputs=[stderr]))
    room.change_card("bob", lambda card: cell_of(card, "q1a").update(outputs=[scalar]))

    room.record()

    assert room.grades("ada")["q1a"][0] == 2.0
    assert room.grades("bob")["q1a"][0] == 0.0
    kinds = [o["output_type"] for c in room.autograded("ada")["cells"] for o in c.get("outputs", [])]
    assert set(kinds) == {"display_data"}


def test_a_report_card_that_was_meddled_with_is_whole_again(room: Classroom) -> None:
    """A cell that was deleted, doubled, or given other points counts as the course says."""

    def meddle(card: dict[str, Any]) -> None:
        card["cells"].remove(cell_of(card, "q1b"))
        card["cells"].append({**cell_of(card, "q1c"), "id": "twin"})
        cell_of(card, "q1a")["metadata"]["nbgrader"].update(points=100, solution=True, locked=False)
        cell_of(card, "q2e")["metadata"]["nbgrader"].update(grade=False)

    room.change_card("ada", meddle)

    assert room.record().problems == []

    assert room.total("ada") == (9, 10.5)
    assert room.grades("ada")["q2e"] == (None, None, True)
    card = room.autograded("ada")
    names = [c["metadata"]["nbgrader"]["grade_id"] for c in card["cells"] if "nbgrader" in c["metadata"]]
    assert len(names) == len(set(names))
    assert cell_of(card, "q1a")["metadata"]["nbgrader"]["points"] == 2.0
    assert "Right" in "".join(cell_of(card, "q1b")["outputs"][0]["data"]["text/html"])


def test_cells_speak_persian(room: Classroom) -> None:
    """--lang fa: what the checks found, from right to left."""
    room.record(lang="fa")

    shown = "".join(cell_of(room.autograded("cyd"), "q1a")["outputs"][0]["data"]["text/html"])
    assert 'dir="rtl"' in shown
    assert "این مجموع است" in shown


def test_the_first_cell_says_what_was_handed_in(room: Classroom) -> None:
    """Who marks in formgrader, or reads nbgrader's page, learns why "was not handed in" stands below: once."""
    note = {"en": "old.zip was not opened.", "fa": "old.zip باز نشد."}
    room.change_run("bob", lambda told: told.update(notes=[note]))

    room.record()

    cells = [cell["outputs"] for cell in room.autograded("bob")["cells"] if cell.get("outputs")]
    told = [note["en"] in "".join(output["data"]["text/html"]) for outputs in cells for output in outputs]
    assert told == [True] + [False] * len(cells)


def test_who_handed_in_again_is_graded_again_first(room: Classroom) -> None:
    """Points of an older hand-in are not recorded as those of a newer one."""
    (room.hand_in("ada") / "timestamp.txt").write_text("2026-10-02 08:00:00 UTC", encoding="utf-8")

    summary = room.record()

    assert summary.problems == ["ada: handed in again after being graded; run grader run hw1"]
    assert summary.students == ["bob", "cyd"]


def test_who_has_no_report_card_is_named(room: Classroom) -> None:
    """nbgrader would give zero for a missing notebook; here nothing is recorded."""
    (room.hand_in("ada") / "hw1.ipynb").unlink()

    (problem,) = room.record().problems

    assert problem.startswith("ada: no hand-in with a report card in ")
    assert problem.endswith("run grader collect hw1")


def test_nbgrader_s_own_refusal_is_one_sentence(room: Classroom) -> None:
    """A notebook that is none: named, the others recorded."""
    (room.hand_in("ada") / "hw1.ipynb").write_text("no notebook", encoding="utf-8")

    summary = room.record()

    assert [problem.partition(":")[0] for problem in summary.problems] == ["ada"]
    assert "\n" not in summary.problems[0]
    assert summary.students == ["bob", "cyd"]


@pytest.mark.parametrize(
    ("manifest", "trained"),
    [
        ({"data": {"cifar10": "stand-in"}, "profile": "full"}, []),
        ({"data": {"cifar10": "official"}, "profile": "quick"}, [{"part": "q1a"}]),
    ],
    ids=["generated data", "quick profile"],
)
def test_practice_marks_are_refused(room: Classroom, manifest: dict[str, Any], trained: list[Any]) -> None:
    """A training on generated data or of the quick profile is no mark, unless one says so; nothing is written."""
    room.change_sheet("ada", lambda sheet: sheet["manifest"].update(manifest))
    run = room.out / "hw1" / "ada.run.json"
    run.write_text(json.dumps({**json.loads(run.read_text(encoding="utf-8")), "trainings": trained}), encoding="utf-8")
    before = (room.root / "nbgrader" / "gradebook.db").read_bytes()

    with pytest.raises(GraderError, match=r"One marksheet of hw1 \(the first: ada\) has marks .* or pass --practice"):
        room.record()

    assert (room.root / "nbgrader" / "gradebook.db").read_bytes() == before
    assert room.record(practice=True).problems == []


def test_who_presses_autograde_reads_which_line_takes_practice_marks(room: Classroom) -> None:
    """There is no option to type behind a button."""
    room.change_sheet("ada", lambda sheet: sheet["manifest"].update(data={"cifar10": "stand-in"}))
    config = Config({"RecordMarks": {"course": str(room.root)}})
    about = {"assignment": "hw1", "notebook": "hw1", "student": "ada"}

    with pytest.raises(GraderError, match=r"or set c\.RecordMarks\.practice = True in nbgrader_config\.py\.$"):
        RecordMarks(config=config).preprocess(None, {"nbgrader": about})


def test_nbgrader_autograde_records_the_same_and_runs_nothing(room: Classroom) -> None:
    """The real command: a missing marksheet is made on the spot, and no cell of a hand-in is executed."""
    (room.root / "nbgrader_config.py").write_text(
        "from grader.exchange import configure\n\nconfigure(c)\n", encoding="utf-8"
    )
    (room.out / "hw1" / "cyd.json").unlink()
    escape = {
        "cell_type": "code", "id": "escape", "metadata": {}, "outputs": [], "execution_count": None,
        "source": f"open({str(room.root / 'executed')!r}, 'w')",
    }  # fmt: skip
    room.change_card("cyd", lambda card: card["cells"].insert(0, escape))
    give_marks(room.course, room.hw1, {("cyd", "q2e"): Mark(exact(1.5), comment="Good.")})

    ended = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "hw1", "--student", "cyd", "--force"],
        cwd=room.root,
        env={**ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert not (room.root / "executed").exists()
    assert room.sheet("cyd")["score"] == 8
    assert room.grades("cyd")["q2e"] == (0, 1.5, False)
    assert room.total("cyd")[0] == 9.5
