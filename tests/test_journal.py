"""The journal: what was kept is found again, by its key alone; a journal that is broken is told in one sentence."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.journal import VERSION, Journal, Sealed
from grader.records import Check, Finding, Outcome, Text

CHECK = Check("test_it", "q1", "q1a", Fraction(1), False, Text("It is right.", "درست است."))
FINDING = Finding(
    CHECK,
    Outcome.PARTIAL,
    Fraction(1, 3),
    Text("Nearly.", "نزدیک است."),
    "expected 3",
    ("near",),
    0.5,
    (("figure.png", b"\x89PNG\0"),),
    ({"seed": 7, "losses": [1.0, 0.5]},),
    {"mnist": "official"},
)
SHEET = Sealed("5ea1", "f11e", {"score": 3.5, "data": {}, "ungraded": False}, {"q1::test_it": ["f", "r", "s"]})


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    """After closing, by another Journal: findings whole, with pictures; marksheets' seals; rules."""
    with Journal(tmp_path / "out" / "j") as journal:
        journal.keep([("key", FINDING)])
        journal.seal("s1", SHEET)
        journal.keep_rules("rules", [{"digest": "d"}])

    with Journal(tmp_path / "out" / "j") as journal:
        assert journal.holds("key")
        assert journal.finding("key", CHECK) == FINDING
        assert journal.sealed("s1") == SHEET
        assert journal.rules("rules") == [{"digest": "d"}]
        assert (journal.holds("k"), journal.finding("k", CHECK), journal.sealed("s2"), journal.rules("r")) == (
            *(False, None, None, None),
        )


def test_what_is_forgotten_is_graded_again(tmp_path: Path) -> None:
    """Findings, rules and seals are gone; what a marksheet rested on is still known, for it tells why marks change."""
    with Journal(tmp_path / "j") as journal:
        journal.keep([("key", FINDING)])
        journal.seal("s1", SHEET)
        journal.forget()
        found = journal.sealed("s1")

        assert not journal.holds("key")
        assert found is not None
        assert (found.seal, found.grounds) == ("", SHEET.grounds)


def test_a_journal_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    """It is only memory."""
    with Journal(tmp_path / "j") as journal:
        journal.keep([("key", FINDING)])
    book = sqlite3.connect(tmp_path / "j")
    book.execute(f"PRAGMA user_version={VERSION + 1}")
    book.close()

    with Journal(tmp_path / "j") as journal:
        assert not journal.holds("key")


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    """One sentence: which file, what is wrong, what to do."""
    (tmp_path / "j").write_text("not a database, but long enough to be taken for one" * 100)

    with pytest.raises(GraderError, match=r"The journal .*j cannot be used \(.*\)\. Remove it"):
        Journal(tmp_path / "j")


def test_a_journal_that_may_not_be_written_is_not_to_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a read-only disk, or where its file cannot be made, its findings are as good as ever."""
    with Journal(tmp_path / "j"):
        pass
    (tmp_path / "folder").mkdir()
    connect = sqlite3.connect
    read_only = f"file:{tmp_path / 'j'}?mode=ro"

    with pytest.raises(GraderError, match=r"folder cannot be used \(.*\)\. It may be whole: mend the disk"):
        Journal(tmp_path / "folder")
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(read_only, uri=True, **options))
    with pytest.raises(GraderError, match=r"readonly database\)\. It may be whole: .* or pass another --out\."):
        Journal(tmp_path / "j")


def test_a_journal_that_another_program_holds_is_to_be_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither removed nor begun anew."""
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, **{**options, "timeout": 0}))
    with Journal(tmp_path / "j") as journal:
        other = connect(tmp_path / "j", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(GraderError, match=r"database is locked\)\. Another program holds it: run again"):
            journal.keep([("key", FINDING)])
        other.close()


def keeps(path: Path, first: int, told: Connection) -> None:
    with Journal(path) as journal:
        for number in range(first, first + 10_000):
            journal.keep([(f"{number}-{part}", FINDING) for part in range(3)])
            told.send(number)


def test_killed_in_the_middle_it_holds_every_submission_that_it_was_told_of(tmp_path: Path) -> None:
    """kill -9 while two processes write: all or nothing of each submission, and all that was acknowledged."""
    context = multiprocessing.get_context("fork")
    writers = []
    for first in (0, 100_000):
        here, there = context.Pipe(duplex=False)
        writer = context.Process(target=keeps, args=(tmp_path / "j", first, there))
        writer.start()
        there.close()
        writers.append((writer, here))
    acknowledged = [here.recv() for _, here in writers for _ in range(20)]
    for writer, here in writers:
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        while here.poll():
            try:
                acknowledged.append(here.recv())
            except EOFError:
                break

    with Journal(tmp_path / "j") as journal:
        held = {number: [journal.holds(f"{number}-{part}") for part in range(3)] for number in range(10_000)}
        held |= {number: [journal.holds(f"{number}-{part}") for part in range(3)] for number in range(100_000, 110_000)}
    assert all(all(parts) or not any(parts) for parts in held.values())
    assert all(all(held[number]) for number in acknowledged)
