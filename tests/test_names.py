"""Names from outside: which are kept, which look alike, and how a bad one is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.names import LONGEST_ID, odd_character, safe_id, shown, twin_key


@pytest.mark.parametrize("name", ["s042", "Jane Doe", "علی‌رضا", "a" * LONGEST_ID, "1.2", "ü", "-x", "run"])
def test_ordinary_ids_are_kept(name: str) -> None:
    """Letters of any script, half-spaces, blanks and dots inside are fine in an id."""
    assert safe_id(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".s1", "a/b", "a\\b", "a\nb", "a\0b", "a\u202eb", "a\u200bb", "\ud800", "a" * 101, "😀" * 60),
        *("a.run", "a.RUN", "a.r\u200cun"),
    ],
)
def test_ids_that_cannot_be_file_names_are_refused(name: str) -> None:
    """Separators, controls, hidden signs, a leading dot, halves of letters, long names, names of run files: refused."""
    assert not safe_id(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("s1", "S1"), ("straße", "STRASSE"), ("é", "e\u0301"), ("علی\u200cرضا", "علیرضا"), ("İ", "i\u0307")],
)
def test_names_that_look_alike_are_twins(one: str, other: str) -> None:
    """Letter case, composition and invisible joiners make no difference between two names."""
    assert twin_key(one) == twin_key(other)


def test_different_names_are_no_twins() -> None:
    """s1 and s2 are two students."""
    assert twin_key("s1") != twin_key("s2")


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_shown_name_has_no_odd_character(name: str) -> None:
    """Whatever a name holds, what a sentence shows of it can be printed and has at most 101 characters."""
    told = shown(name)

    assert not any(odd_character(c) for c in told)
    assert len(told) <= LONGEST_ID + 1
    told.encode()


def test_an_ordinary_name_is_shown_as_it_is() -> None:
    """Nothing is escaped in a name that needs no escape."""
    assert shown("q2 حل.py") == "q2 حل.py"


def test_an_override_is_shown_as_its_escape() -> None:
    """A right-to-left override is written out, not obeyed."""
    assert shown("a\u202eyp.exe") == "a\\u202eyp.exe"
