"""The sample class: every score is known before it is graded, and comes out so, every time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.authoring.part_points import part_points
from grader.cli import main
from grader.course import find_course
from grader.demo import Member, expected_score, members, write_class
from grader.errors import GraderError, IsolationError
from grader.records import Check, Submission, Verdict
from grader.run import Order, run
from tests.sample_course import ROOT

HW5 = find_course(ROOT).assignment("hw5")
SLOW = ("ada",)  # trains three networks, a minute or more: once is enough


def sheets(folder: Path) -> dict[str, bytes]:
    """The marksheets of a results folder by student, as bytes."""
    return {p.stem: p.read_bytes() for p in folder.glob("*.json") if not p.name.endswith(".run.json")}


@pytest.fixture(scope="module")
def class_() -> dict[str, Member]:
    return {member.id: member for member in members(HW5)}


@dataclass(frozen=True)
class Demo:
    """`grader demo`, whole, two submissions at a time: started once, and waited for where its end is asked for."""

    process: subprocess.Popen[str]
    out: Path

    @cached_property
    def told(self) -> str:
        told, grumbled = self.process.communicate()
        assert self.process.returncode == 0, told + grumbled
        return told

    @cached_property
    def sheets(self) -> dict[str, bytes]:
        assert self.told
        return sheets(self.out / "results" / "hw5")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "grader", "demo", "--course", str(ROOT), "--out", str(out), "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield Demo(process, out)
        process.send_signal(signal.SIGINT)  # a test has failed before its end


def again(folder: Path, kept: list[str]) -> dict[str, bytes]:
    """The marksheets of these members alone, graded one after another."""
    write_class(HW5, folder / "submitted")
    for home in (folder / "submitted").iterdir():
        if home.name not in kept:
            home.rename(folder / f"left-out-{home.name}")
    order = Order(find_course(ROOT), HW5, folder / "submitted", folder / "results", workers=1, trusted=True)
    run(order)
    return sheets(order.folder)


def test_the_class_is_large_and_of_every_kind(class_: dict[str, Member]) -> None:
    """At least 30, honest and hostile; a folder, a zip, a notebook, nothing; every question has its mistakes in it."""
    everything = " ".join(member.about for member in class_.values())

    assert len(class_) >= 30
    assert {member.form for member in class_.values()} == {"folder", "zip", "empty"}
    assert any(name.endswith(".ipynb") for member in class_.values() for name in member.files)
    assert all(question.id in everything for question in HW5.questions)
    for kind in (
        "runs for ever",
        "memory without end",
        "forks without end",
        "does not parse",
        "raises",
        "empty folder",
    ):
        assert kind in everything


def test_expected_scores_are_the_points_of_what_is_right(class_: dict[str, Member]) -> None:
    """Ada has everything that a machine can give; who hands in stubs has nothing."""
    essays = {essay.part for essay in HW5.essays}
    whole = sum(points for part, points in part_points(HW5).items() if part not in essays)

    assert expected_score(HW5, class_["ada"]) == whole == 94
    assert [expected_score(HW5, class_[id_]) for id_ in ("cyrus", "dara")] == [0, 0]


def test_a_second_run_gives_the_same_bytes(demo: Demo, class_: dict[str, Member], tmp_path: Path) -> None:
    """One worker instead of two, and nobody hostile in the class: the honest members' marksheets do not change."""
    honest = [id_ for id_, member in class_.items() if not member.hostile and id_ not in SLOW]
    found = again(tmp_path, honest)  # while ada is still training there

    assert found == {id_: demo.sheets[id_] for id_ in honest}


def test_every_score_is_the_expected_one(demo: Demo, class_: dict[str, Member]) -> None:
    """Exactly: no tolerance, nobody left out, no check ungraded."""
    found = {student: json.loads(data) for student, data in demo.sheets.items()}
    ungraded = [
        s for s, sheet in found.items() for q in sheet["questions"] for c in q["checks"] if c["outcome"] == "ungraded"
    ]
    here = {id_: member for id_, member in class_.items() if id_ in found or not member.hostile}

    assert {s: sheet["score"] for s, sheet in found.items()} == {s: expected_score(HW5, m) for s, m in here.items()}
    assert ungraded == []


def test_the_demo_says_what_to_look_at(demo: Demo) -> None:
    """How many came out as expected, where the report is, and three students whose pages are there."""
    lines = demo.told.splitlines()
    pages = [Path(line.rpartition(": ")[2]) for line in lines if line.startswith("  ")]
    number = len(demo.sheets)

    assert f"{number} of {number} scores are the expected ones." in lines
    assert f"Report: {demo.out / 'results' / 'hw5' / 'report.html'}" in lines
    assert len(pages) == 3
    assert all(page.is_file() for page in pages)


def test_hostile_hand_ins_are_graded_alike_too(demo: Demo, class_: dict[str, Member], tmp_path: Path) -> None:
    """What a fork bomb or a killer gets does not depend on who else is there or on when its limit strikes."""
    hostile = [id_ for id_, member in class_.items() if member.hostile and id_ in demo.sheets]
    if not hostile:
        pytest.skip("this machine isolates nothing, so the demo has left its hostile members out")

    assert again(tmp_path, hostile) == {id_: demo.sheets[id_] for id_ in hostile}


def test_the_class_can_be_written_twice(tmp_path: Path) -> None:
    """An earlier sample class is replaced, with or without its hostile members."""
    everybody = {member.id for member in write_class(HW5, tmp_path / "submitted")}
    honest = {member.id for member in write_class(HW5, tmp_path / "submitted", hostile=False)}

    assert {path.name for path in (tmp_path / "submitted").iterdir()} == honest
    assert {id_ for id_ in everybody - honest if id_.startswith("x-")} == everybody - honest


def test_nobody_s_real_hand_ins_are_replaced(tmp_path: Path) -> None:
    """`grader demo --out nbgrader` would find the term's work there: it is left alone."""
    (tmp_path / "submitted" / "s042" / "hw5").mkdir(parents=True)

    with pytest.raises(GraderError, match=r"submitted holds s042, who is not of the sample class; pass another --out"):
        write_class(HW5, tmp_path / "submitted")

    assert (tmp_path / "submitted" / "s042" / "hw5").is_dir()


class Idle:
    """A verifier of nothing, where only the class matters."""

    checks = ()
    isolation, gpu, on_gpu, remarks = 0, "", 0, ()
    alive = True

    def grade(self, submission: Submission, variant: int, *, only: Collection[Check]) -> Verdict:
        return Verdict(submission.student, ())

    def close(self) -> None: ...


def test_an_interrupted_demo_promises_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not graded yet has no wrong score, and no page that is worth a look."""

    def interrupted(order: Order, heard: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.run._verifier", interrupted)

    told = CliRunner().invoke(main, ["demo", "--course", str(ROOT), "--out", str(tmp_path)])

    assert told.exit_code == 130
    assert "Interrupted: every marksheet written so far is kept." in told.stderr
    assert "Worth a look" not in told.output


def test_without_isolation_the_demo_goes_on_with_the_honest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is missing, leaves out who could do harm, and grades the rest."""

    def nothing_works(*, trusted: bool) -> None:
        raise IsolationError("This machine cannot shut student code in.")

    monkeypatch.setattr("grader.sandbox.isolation.best_nursery", nothing_works)
    monkeypatch.setattr("grader.run._verifier", lambda order, heard: Idle())

    told = CliRunner().invoke(main, ["demo", "--course", str(ROOT), "--out", str(tmp_path)])

    assert "cannot shut student code in. The demo goes on without its hostile members." in told.stderr
    there = {path.name for path in (tmp_path / "submitted").iterdir()}
    assert there == {member.id for member in members(HW5) if not member.hostile}
    assert set(sheets(tmp_path / "results" / "hw5")) == there
