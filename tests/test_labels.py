"""What people call a part: labels beside ids."""

from __future__ import annotations

import pytest

from grader.labels import part_label, part_rank


@pytest.mark.parametrize(
    ("part", "en", "fa"),
    [
        ("q6th", "6(e)", "۶-ث"),
        ("q2.dF", "2 dF", "۲ dF"),
        ("q3a.params", "3(a) params", "۳-الف params"),
        ("q1a.essay", "1(a)", "۱-الف"),
        ("q7c", "7(c)", "۷-پ"),
        ("q6p", "6(c)", "۶-پ"),
        ("q5", "5", "۵"),
        ("q1z", "q1z", "q1z"),
        ("bonus", "bonus", "bonus"),
    ],
)
def test_people_see_labels_not_ids(part: str, en: str, fa: str) -> None:
    """q6th is 6(e) and ۶-ث; an id of another form is shown as it is."""
    assert part_label(part, "en") == en
    assert part_label(part, "fa") == fa


def test_parts_are_ranked_by_their_letter() -> None:
    """The Persian letters' transcriptions stand in the alphabet's order, and no letter comes first."""
    parts = ["q6j", "q6th", "q6a", "q6t", "q6p", "q6b", "q6"]

    assert sorted(parts, key=part_rank) == ["q6", "q6a", "q6b", "q6p", "q6t", "q6th", "q6j"]
    assert part_rank("bonus") == ""
