"""What both pages share: nothing hides in a text, each script reads in its own direction, colours can be read."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages.text import direction, number, parted, prose, visible
from tests.pages.parsed import Parsed

ANY_TEXT = st.text(st.characters(), max_size=60)


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text: str) -> None:
    """After `visible` there is no control, no bidi override, no surrogate: only lines, tabs and the two joiners."""
    shown = visible(text)

    assert all(
        unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown if c not in "\n\t\u200c\u200d"
    )
    assert shown.encode().decode() == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "⟦U+001B⟧[31m"),
        ("a\u202eb", "a⟦U+202E⟧b"),
        ("\u2066\u200f", "⟦U+2066⟧⟦U+200F⟧"),
        ("\x7f\x00", "⟦U+007F⟧⟦U+0000⟧"),
        ("\x85", "⟦U+0085⟧"),
    ],
)
def test_invisible_characters_are_named(text: str, shown: str) -> None:
    """ESC, the overrides and the isolates are spelt out where they stand."""
    assert visible(text) == shown


def test_persian_joiners_stay() -> None:
    """The half-space is spelling, not deceit."""
    assert visible("می‌شود") == "می‌شود"


@given(ANY_TEXT, st.sampled_from(["en", "fa"]))
def test_prose_keeps_every_visible_character(text: str, lang: str) -> None:
    """What is read is what was written: isolation adds elements, never characters (backticks become code)."""
    parsed = Parsed(str(prose(text, lang)))

    assert parsed.text.replace("`", "") == visible(text).replace("`", "")
    assert set(parsed.names) <= {"bdi", "code"}
    assert parsed.open == []


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("برای lr = 2.5 مسیر", ["lr = 2.5"]),
        ("ضریب 1/4 جا افتاده است.", ["1/4"]),
        ("روی شکل (N, C, H, W) است.", ["(N, C, H, W)"]),
        ("میانگین (از f(x)) است", ["f(x)"]),
        ("خطای ValueError داد: bad value (q2.py, line 41)", ["ValueError", "bad value (q2.py, line 41)"]),
        ("نمره ۸۰٪ است، نه کمتر.", []),
    ],
)
def test_latin_in_persian_keeps_its_order(text: str, isolated: list[str]) -> None:
    """Code and numbers in a Persian sentence are isolated whole, without the sentence's own marks."""
    assert re.findall(r'<bdi dir="ltr">(.*?)</bdi>', str(prose(text, "fa"))) == isolated


def test_persian_in_english_is_isolated() -> None:
    """A Persian word in an English sentence does not turn the words beside it round."""
    assert str(prose("It says سلام دنیا, twice.", "en")) == "It says <bdi>سلام دنیا</bdi>, twice."


def test_code_is_set_as_code() -> None:
    """Backticks are code, left to right, and still only text."""
    assert str(prose("use `<b>` here", "en")) == 'use <code dir="ltr">&lt;b&gt;</code> here'


def test_direction_is_the_languages_own() -> None:
    """One letter of the page's script decides; a text in the other script alone keeps its own direction."""
    assert direction("lr بزرگ است", "fa") == "rtl"
    assert direction("lr is large", "fa") == "ltr"
    assert direction("lr says بزرگ", "en") == "ltr"
    assert direction("بزرگ است", "en") == "rtl"


@pytest.mark.parametrize(
    ("value", "lang", "shown"),
    [
        (1.5, "en", "1.5"),
        (1.50, "fa", "۱٫۵"),
        (10.0, "en", "10"),
        (0.0, "fa", "۰"),
        (3.67, "fa", "۳٫۶۷"),
        (-0.001, "en", "0"),
        (100, "en", "100"),
    ],
)
def test_points_are_written_short(value: float, lang: str, shown: str) -> None:
    """1.5, not 1.50; Persian digits and the Persian decimal mark in Persian."""
    assert number(value, lang) == shown


def themes() -> dict[str, dict[str, str]]:
    """The colours of page.css by name, in light, dark and print."""
    css = files("grader.pages").joinpath("page.css").read_text(encoding="utf-8")
    light, dark, printed = (
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\n *\}", css, re.S)
    )
    return {"light": light, "dark": {**light, **dark}, "print": {**light, **printed}}


def test_a_name_may_go_on_between_its_words() -> None:
    """A long one breaks where a person would break it, and is text like any other."""
    assert parted("q1_<b>::test_it_") == "q1_&lt;b&gt;::<wbr>test_<wbr>it_"


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_COLOURS = ("ink", "faint", "link", "passed", "partial", "failed", "unwritten", "crashed", "ungraded", "manual")


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_text_can_be_read(theme: str) -> None:
    """Each text colour has WCAG AA's 4.5 on the paper and on the cards, the notice on its own ground, the bars 3."""
    colours = themes()[theme]

    for ground in ("paper", "card"):
        assert {
            c: contrast(colours[c], colours[ground])
            for c in TEXT_COLOURS
            if contrast(colours[c], colours[ground]) < 4.5
        } == {}
    assert contrast(colours["notice-ink"], colours["notice"]) >= 4.5
    assert contrast(colours["accent"], colours["paper"]) >= 3
    assert contrast(colours["second"], colours["paper"]) >= 3
