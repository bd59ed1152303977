"""Whatever a student hands in, it is never more than text on the page, and nothing hides in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.figure import is_picture
from tests.pages.feedback import page
from tests.pages.parsed import Parsed, assert_sealed
from tests.pages.sample import a_picture, a_run, a_sheet, every_outcome

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></svg><iframe src=//evil.example>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}{0.__class__}",
    "\x1b[2J\u202egrade: full\u2066",
    "]]><!--",
)


def with_student_text(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A marksheet and a run file with `text` in every place that a student's hand-in can reach."""
    checks = every_outcome()
    checks["q2_conv_backprop"][3]["message"] = {"en": f"Your code raised {text}", "fa": f"کد شما خطا داد: {text}"}
    sheet = a_sheet(text, checks)
    notes = [{"en": f"left out: {text}", "fa": f"کنار گذاشته شد: {text}"}]
    training = {
        "part": "q7e",
        "seed": text,
        "seconds": None,
        "device": text,
        "losses": [2.0, text, 1.0],
    }
    return {**sheet, "submitted_at": text}, a_run(text, notes=notes, trainings=[training])


@pytest.mark.parametrize(
    "png",
    [
        b"",
        b"GIF89a" + b"\0" * 40,
        a_picture()[:20],
        a_picture(2001, 1),
        a_picture(1, 2001),
        a_picture() + b"\0" * (1 << 20),
    ],
)
def test_only_small_pictures_are_embedded(png: bytes) -> None:
    """What does not begin as a PNG of at most 2000 x 2000 and 1 MiB is left out, never decoded."""
    assert not is_picture(png)
    assert "<img" not in page(figures=[("x.png", png)])


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str, lang: str) -> None:
    """Markup in a name, a message, a note or a number adds no element and no attribute to the page."""
    hostile, plain = page(*with_student_text(text), lang=lang), page(*with_student_text("plain"), lang=lang)
    shown, expected = assert_sealed(hostile), Parsed(plain)

    def skeleton(parsed: Parsed) -> list[tuple[str, list[str]]]:
        return [(name, sorted(attributes)) for name, attributes in parsed.tags if name != "bdi"]

    assert skeleton(shown) == skeleton(expected)
    assert shown.policy == expected.policy


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_nothing_hides_in_hostile_text(lang: str) -> None:
    """ESC and the bidi overrides are visible marks in every place that a student's text can reach."""
    text = page(*with_student_text("\x1b[2J\u202edeg\u2066"), lang=lang)

    assert not set(text) & {"\x1b", "\u202e", "\u2066", "\u200e", "\u200f"}
    assert text.count("⟦U+001B⟧[2J⟦U+202E⟧deg⟦U+2066⟧") >= 4


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=40), st.sampled_from(["en", "fa"]))
def test_any_text_leaves_the_page_sealed(text: str, lang: str) -> None:
    """No text at all, in any place that a student reaches, opens an element or breaks the file's encoding."""
    html = page(*with_student_text(text), lang=lang)

    assert "script" not in assert_sealed(html).names
    assert html.encode().decode() == html
