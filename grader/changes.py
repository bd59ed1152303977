"""Who changed from one run to the next, from what to what, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.marks import checks_of
from grader.pages.table import csv_table, from_spreadsheet_cell

GROUNDS = ("the hand-in", "the check", "the setting")  # of the three digests under a finding, in their order
OWNER = {"the variant": ("variant",), "the draws": ("draw_key", "term")}  # of the manifest: what is the student's own
REASONS = (*GROUNDS, *OWNER)
AGAIN = "graded again"  # nothing that it rests on has changed: it had not been judged, or trains with one that was run


@dataclass(frozen=True)
class Change:
    """One check of one student with another outcome or other points than in the marksheet before."""

    student: str
    question: str
    part: str
    check: str
    outcome_before: str
    outcome: str
    earned_before: float | None
    earned: float | None
    why: str


def changes_between(
    before: Mapping[str, Any] | None,
    now: Mapping[str, Any],
    grounds_before: Mapping[str, Sequence[str]],
    grounds: Mapping[str, Sequence[str]],
) -> list[Change]:
    """What differs between two marksheets of one student; nothing where there was none before."""
    if before is None:
        return []
    old, new = checks_of(before), checks_of(now)
    owner = _owner(before.get("manifest", {}), now.get("manifest", {}))
    found = []
    for key in dict.fromkeys([*old, *new]):
        was, is_now = old.get(key, {}), new.get(key, {})
        if all(was.get(fact) == is_now.get(fact) for fact in ("outcome", "earned", "points")):
            continue
        question, _, name = key.partition("::")
        found.append(
            Change(
                student=str(now["student"]),
                question=question,
                part=str({**was, **is_now}["part"]),
                check=name,
                outcome_before=was.get("outcome", ""),
                outcome=is_now.get("outcome", ""),
                earned_before=was.get("earned"),
                earned=is_now.get("earned"),
                why=_why(grounds_before.get(key), grounds.get(key), owner),
            )
        )
    return found


def _owner(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of the student's own is another; nothing of what a marksheet from an older grader does not say."""
    return [
        reason
        for reason, names in OWNER.items()
        if any(name in before and before[name] != now.get(name) for name in names)
    ]


def _why(before: Sequence[str] | None, now: Sequence[str] | None, owner: Sequence[str]) -> str:
    if before is None or now is None:
        return "the check"
    changed = [reason for reason, a, b in zip(GROUNDS, before, now, strict=True) if a != b]
    return ", ".join([*changed, *owner]) or AGAIN


def read_changes(path: Path) -> list[dict[str, str]]:
    """The rows of a changes.csv by column, as they were before they were cells; none where there is no such file.

    Raises GraderError for another table, and for what is none.
    """
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as table:
            found = csv.DictReader(table)
            rows = list(found)
        if found.fieldnames != [field.name for field in fields(Change)] or any(
            None in (*row, *row.values()) for row in rows
        ):
            raise ValueError("it has other columns")
    except (OSError, ValueError, csv.Error) as fault:
        raise GraderError(f"{path} is not the table that grader run writes ({fault}); remove it.") from fault
    return [{column: from_spreadsheet_cell(cell) for column, cell in row.items()} for row in rows]


def changes_csv(changes: Iterable[Change]) -> str:
    """A table (RFC 4180), one row a change."""
    return csv_table([[field.name for field in fields(Change)], *map(astuple, changes)])
