"""The journal of results: every finding that was ever made, by what it rests on, in one SQLite file.

It lies beside the marksheets and can be removed at any time: then everything is graded anew. A finding is on disk
before the marksheet that shows it, and either whole or not at all; several runs may share the file.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.errors import GraderError
from grader.records import Check, Finding

JOURNAL = "journal.sqlite3"  # its name beside the marksheets
VERSION = 1  # of the tables; a journal of another version is begun anew
TABLES = """
CREATE TABLE IF NOT EXISTS findings (key TEXT PRIMARY KEY, finding TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (key TEXT PRIMARY KEY, rules TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheets (
    student TEXT PRIMARY KEY, seal TEXT NOT NULL, sha256 TEXT NOT NULL, facts TEXT NOT NULL, grounds TEXT NOT NULL
) WITHOUT ROWID;
"""
PLACE = {  # what goes wrong with a disk and not with a file
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


@dataclass(frozen=True)
class Sealed:
    """A student's marksheet as it was written last.

    seal: over all that it rests on, "" for one that is to be graded again; sha256: of the file; facts: what a run's
    summary says of it; grounds: the three digests of each check, by question and id.
    """

    seal: str
    sha256: str
    facts: Mapping[str, Any]
    grounds: Mapping[str, list[str]]


class Journal:
    """An open journal; a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            try:
                self._begin()
            except sqlite3.Error:
                self._db.close()
                raise

    def _begin(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing; a power cut, the last line
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found not in (0, VERSION):
            for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                self._db.execute(f"DROP TABLE {name}")
        self._db.executescript(TABLES)
        self._db.execute(f"PRAGMA user_version={VERSION}")

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as fault:
            raise GraderError(f"The journal {self.path} cannot be used ({fault}). {_remedy(fault)}") from fault

    def rules(self, key: str) -> list[dict[str, Any]] | None:
        """What `keep_rules` kept under this key."""
        found = self._one("SELECT rules FROM rules WHERE key = ?", key)
        return json.loads(found[0]) if found else None

    def keep_rules(self, key: str, rules: list[dict[str, Any]]) -> None:
        """Note the checks of a collection, as base types, in place of those of any other."""
        with self._told():
            self._db.execute("DELETE FROM rules")  # the last collection is all that is ever asked for
            self._db.execute("INSERT OR REPLACE INTO rules VALUES (?, ?)", (key, json.dumps(rules)))

    def holds(self, key: str) -> bool:
        """Whether a finding was kept under this key."""
        return self._one("SELECT 1 FROM findings WHERE key = ?", key) is not None

    def finding(self, key: str, check: Check) -> Finding | None:
        """The finding under this key, of this check; None where there is none."""
        found = self._one("SELECT finding FROM findings WHERE key = ?", key)
        return Finding.of(check, json.loads(found[0], object_hook=_bytes)) if found else None

    def keep(self, findings: Iterable[tuple[str, Finding]]) -> None:
        """All of one submission's at once."""
        rows = [(key, json.dumps(finding.plain(), default=_text)) for key, finding in findings]
        with self._told(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO findings VALUES (?, ?)", rows)

    def forget(self) -> None:
        """Nothing is known any more, but what each marksheet rested on."""
        with self._told():
            self._db.executescript("DELETE FROM findings; DELETE FROM rules; UPDATE sheets SET seal = '';")

    def sealed(self, student: str) -> Sealed | None:
        """The marksheet that was written last, whatever it rested on."""
        found = self._one("SELECT seal, sha256, facts, grounds FROM sheets WHERE student = ?", student)
        return Sealed(found[0], found[1], json.loads(found[2]), json.loads(found[3])) if found else None

    def seal(self, student: str, sheet: Sealed) -> None:
        """Note what a student's marksheet rests on, before it is written."""
        row = (student, sheet.seal, sheet.sha256, json.dumps(dict(sheet.facts)), json.dumps(dict(sheet.grounds)))
        with self._told():
            self._db.execute("INSERT OR REPLACE INTO sheets VALUES (?, ?, ?, ?, ?)", row)

    def _one(self, question: str, value: str) -> Any:
        with self._told():
            return self._db.execute(question, (value,)).fetchone()


def _remedy(fault: sqlite3.Error) -> str:
    """A journal is removed only where the fault is its own: nothing of it is lost to a disk or to another program."""
    code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the upper bytes tell kinds of one error
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "Another program holds it: run again when that has ended."
    if code in PLACE:
        return "It may be whole: mend the disk or its permissions, or pass another --out."
    return "Remove it: everything is then graded anew."


def _text(value: Any) -> Any:
    """Pictures, which JSON cannot hold."""
    return {"base64": base64.b64encode(value).decode()}


def _bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
