"""Tables that people write in TOML, read so that a slip in them becomes one sentence."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from grader.errors import CourseError
from grader.records import Text


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a file of the course's; CourseError where it is missing or cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise CourseError(f"{path} is missing.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CourseError(f"{path} cannot be read as TOML: {fault}.") from fault
    except OSError as fault:
        raise CourseError(f"{path} cannot be read: {fault.strerror}.") from fault


def text(found: str | Mapping[str, Any]) -> Text:
    """A text from `{ en = "...", fa = "..." }`, or from English alone; KeyError or ValueError for another form."""
    table = {"en": found} if isinstance(found, str) else found
    return Text(in_quotes(table["en"], "en"), in_quotes(table.get("fa", ""), "fa"))


def in_quotes(found: object, key: str) -> str:
    if not isinstance(found, str):
        raise ValueError(f"{key} is a text in quotes, not {found!r}")
    return found


def names_in(found: object, key: str) -> tuple[str, ...]:
    """A list of names, each of them once: a text would be taken letter by letter."""
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ValueError(f'{key} is a list of names in quotes, such as ["q1_mean"], not {found!r}')
    if repeated := twice(found):
        raise ValueError(f"{key} lists {repeated[0]} twice")
    return tuple(found)


def twice(names: Collection[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def only(table: Mapping[str, Any], known: Collection[str], what: str) -> None:
    """A key that nobody reads is a slip, and its author would get what holds without it."""
    if strangers := [key for key in table if key not in known]:
        raise ValueError(f"{what} takes {', '.join(known)}, and not {strangers[0]}")


def no_slip(table: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """Other keys are the author's own (dates, say), but for one that is nearly a key of ours."""
    for key in table.keys() - set(known):
        if near := get_close_matches(key, known, 1, 0.78):  # bonuses for bonus; not date for data
            raise ValueError(f"{key} is not known{where}; did you mean {near[0]}?")


@contextmanager
def of_the_right_form(path: Path) -> Iterator[None]:
    """A CourseError says what is wrong in the file where reading its table ends with a fault."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        match fault:
            case KeyError():
                wrong = f"{fault} is missing"
            case ValueError():  # a sentence of ours
                wrong = str(fault)
            case _:
                wrong = f"something is of the wrong kind ({fault})"
        raise CourseError(f"{path}: {wrong}; see CONTRIBUTING.md.") from fault
