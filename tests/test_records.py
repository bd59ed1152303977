"""Records are what they say, and cannot be changed on the way down the line."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import HandIn, Submission, Text

NAMES = st.text("abc/.", min_size=1, max_size=6)


@given(st.dictionaries(NAMES, st.binary(max_size=8), max_size=4))
def test_a_submission_hash_does_not_depend_on_the_order_of_its_files(files: dict[str, bytes]) -> None:
    """The same files in another order are the same submission."""
    turned = dict(reversed(files.items()))

    assert Submission("s", "", files).sha256 == Submission("s", "", turned).sha256


@given(st.dictionaries(NAMES, st.binary(max_size=8), max_size=4), NAMES, st.binary(max_size=8))
def test_a_submission_hash_tells_files_apart(files: dict[str, bytes], name: str, content: bytes) -> None:
    """One byte or one name more is another submission."""
    other = {**files, name: content}

    same = Submission("s", "", files).sha256 == Submission("s", "", other).sha256

    assert same == (files == other)


def test_a_sentence_without_persian_falls_back_to_english() -> None:
    """Nobody ever reads an empty sentence."""
    text = Text("Right.")

    assert (text.in_language("fa"), text.as_json()) == ("Right.", {"en": "Right.", "fa": "Right."})


def test_records_are_frozen() -> None:
    """A step returns a new record; it does not write into the one that it got."""
    from pathlib import Path

    hand_in = HandIn("s", Path(), "")

    with pytest.raises(dataclasses.FrozenInstanceError):
        hand_in.student = "another"  # type: ignore[misc]
