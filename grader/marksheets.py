"""Marksheets and run files as they lie on disk: read, and refused in one sentence where they are not what we wrote.

Separate because report, feedback, gradebook and exports all read them, and people copy and edit files.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

from grader.errors import GraderError
from grader.records import Marksheet, Outcome
from grader.score import SCHEMA

# A form: a table with these keys ("?" after one that may be missing, "*" for all of them), a list of one form, or the
# types or values of a leaf. Only what is read somewhere is in it.
TEXT, NUMBER = (str,), (int, float)
TEXTS = {"en": TEXT, "fa?": TEXT}
CHECK = {
    **dict.fromkeys(("id", "part"), TEXT),
    "points": NUMBER,
    "earned": (int, float, type(None)),
    "bonus": (bool,),
    "outcome": [str(outcome) for outcome in Outcome],
    **dict.fromkeys(("says", "message"), TEXTS),
}
SHEET = {
    **dict.fromkeys(("assignment", "student", "course?", "submitted_at?"), TEXT),
    **dict.fromkeys(("score", "max_score", "bonus_points", "manual_points", "manual_bonus"), NUMBER),
    "questions": [{"id": TEXT, "title": TEXTS, "score": NUMBER, "max_score": NUMBER, "checks": [CHECK]}],
    "manifest": {"profile?": TEXT, "data?": {"*": TEXT}, "term?": TEXT, "variant?": (int,)},
}
ACCURACY = {"rows": (int,), "accuracy": NUMBER, "trained_on": (bool,), "bar?": NUMBER}
RUN = {
    **dict.fromkeys(("student?", "device?"), TEXT),
    **dict.fromkeys(("seconds?", "audit?", "isolation?"), NUMBER),
    "notes?": [TEXTS],
    "left_out?": [TEXTS],
    "checks?": {"*": {"seconds?": NUMBER, "detail?": TEXT, "hints?": [TEXT]}},
    "figures?": [TEXT],
    "trainings?": [{"part?": TEXT, "accuracies?": [ACCURACY]}],
}


def marksheets(folder: Path) -> list[Path]:
    """Where the marksheets of an assignment's folder are, in the order of names."""
    return sorted(path for path in folder.glob("*.json") if not path.name.endswith(".run.json"))


def read_marksheet(path: Path) -> dict[str, Any]:
    """The marksheet that lies there; GraderError for anything else, copies under other names and other schemas too."""
    try:
        sheet = _table(path)
        if sheet.get("schema") != SCHEMA:
            raise ValueError(f"its schema is {sheet.get('schema')}, this grader reads {SCHEMA}")
        _require(sheet, SHEET)
        if normalize("NFC", sheet["student"]) != normalize("NFC", path.stem):  # some file systems write é in two
            raise ValueError(f"it is that of {sheet['student']}")
    except (OSError, ValueError, RecursionError) as fault:
        raise GraderError(f"{path} is not a marksheet ({fault}); grade again or remove it.") from fault
    return sheet


def read_results(folder: Path) -> Iterator[Marksheet]:
    """The marksheets of an assignment's folder, each with its run file, in the order of names."""
    return map(read_result, marksheets(folder))


def read_result(path: Path) -> Marksheet:
    """The marksheet that lies there, with the run file beside it."""
    sheet = read_marksheet(path)
    return Marksheet(sheet["student"], sheet, read_run_file(path.with_name(f"{path.stem}.run.json")))


def read_run_file(path: Path) -> dict[str, Any]:
    """The run file that lies there, {} where there is none; GraderError for anything else."""
    try:
        told = _table(path)
        _require(told, RUN)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise GraderError(
            f"{path} is not a run file ({fault}); remove it, no marks are in it, or grade again with --fresh."
        ) from fault
    return told


def _table(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("it holds no table")
    return found


def _require(found: object, form: Any, place: str = "it") -> None:
    """Raise ValueError with the first place where what was found is not of the form."""
    match form, found:
        case dict(), dict():
            for key, inner in form.items():
                if key == "*":
                    for name, one in found.items():
                        _require(one, inner, name)
                elif (name := key.removesuffix("?")) in found:
                    _require(found[name], inner, name)
                elif name == key:
                    raise ValueError(f"{place} has no {name}")
        case [dict() | tuple() as inner], list():
            for one in found:
                _require(one, inner, place)
        case [str(), *_], str() if found in form:
            pass
        case tuple(), _ if type(found) in form and (not isinstance(found, float) or math.isfinite(found)):
            pass
        case _:
            raise ValueError(f"{place} is of the wrong kind")
